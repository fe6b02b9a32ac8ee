package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The files of access logs: opened, opened again, and too slow. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class LogFileTest {
  @TempDir private Path dir;
  private Path file;
  private LogLines lines;

  @BeforeEach
  void place() {
    file = dir.resolve("access.log");
    lines = new LogLines(file);
  }

  private ProxyConfig config(String text) throws ConfigException {
    return ProxyConfig.parse(dir, "nginx.conf", "", text);
  }

  private ProxyConfig passing(String format, Origin origin) throws ConfigException {
    String text =
        "http { %s server { listen 127.0.0.1:0; access_log access.log f; location / { proxy_pass http://127.0.0.1:%d; } } }";
    return config(text.formatted(format, origin.port()));
  }

  @Test
  void aReloadOpensTheFileAgainAndLosesNoLine() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    try (Origin origin =
            Origin.answering(
                (serial, request) -> {
                  if (request.start().contains("/slow")) {
                    asked.countDown();
                    mayAnswer.await();
                  }
                  return Origin.ok("x");
                });
        TestProxy proxy = TestProxy.configured(passing("log_format f '$uri';", origin));
        Wire slow = proxy.connect()) {
      slow.send("GET /slow HTTP/1.1\nHost: h\n\n");
      asked.await();
      try (Wire client = proxy.connect()) {
        client.get("/before");
      }
      lines.await(1);
      Path moved = dir.resolve("moved.log");
      Files.move(file, moved);
      proxy.reload(passing("log_format f 'new $uri';", origin));
      mayAnswer.countDown();
      slow.message();
      lines.await(1);
      try (Wire client = proxy.connect()) {
        client.get("/after");
      }
      assertEquals(List.of("/slow", "new /after"), lines.await(2));
      assertEquals(List.of("/before"), new LogLines(moved).all());
    }
  }

  @Test
  void aFileThatCannotBeOpenedStopsAStartAndAReload() throws Exception {
    String text = "http { access_log %s; server { listen 127.0.0.1:0; return 200 here; } }";
    String message =
        "open() \"" + dir.resolve("none/x.log") + "\" failed (2: No such file or directory)";
    ProxyConfig impossible = config(text.formatted("none/x.log"));
    assertEquals(
        message,
        assertThrows(IOException.class, () -> TestProxy.configured(impossible)).getMessage());
    try (TestProxy proxy = TestProxy.configured(config(text.formatted("access.log")));
        Wire client = proxy.connect()) {
      assertThrows(IOException.class, () -> proxy.reload(impossible));
      assertEquals("here", client.get("/").body());
      lines.await(1);
    }
  }

  @Test
  void whatAFileTakesTooSlowlyIsLostInWholeLines() throws Exception {
    LogFile slow = new LogFile(file, LogFile.open(file));
    byte[] line = new byte[1024 * 1024];
    line[line.length - 1] = '\n';
    assertTrue(slow.append(line));
    for (int i = 0; i < 20; i++) {
      assertFalse(slow.append(line));
    }
    slow.write();
    assertEquals(8L * line.length, Files.size(file));
    assertTrue(slow.append(line));
    slow.write();
    slow.close();
    assertEquals(9L * line.length, Files.size(file));
  }
}
