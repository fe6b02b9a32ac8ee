package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own can show: exit codes, signals, standard input. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessTest {
  private static final String READY = "proxy-core ready on 127.0.0.1:";

  @TempDir private Path dir;

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  private Process run(String configuration, String... options) throws Exception {
    Files.writeString(dir.resolve("nginx.conf"), configuration);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ProxyCore.class.getName(), "-p", dir.toString(), "-c", "nginx.conf"));
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command).redirectError(dir.resolve("stderr").toFile()).start();
    processes.add(process);
    return process;
  }

  private static int exit(Process process) throws Exception {
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it ends");
    return process.exitValue();
  }

  private static void assertReady(BufferedReader said) throws Exception {
    String line = String.valueOf(said.readLine());
    assertTrue(line.startsWith(READY), line);
  }

  @Test
  void aLogMayGoToStandardOutput() throws Exception {
    Process process =
        run(
            """
            http {
              log_format f 'asked for $uri by $pid';
              access_log /dev/stdout f;
              server { listen 127.0.0.1:0; return 200; }
            }
            """,
            "--stdin-control");
    try (BufferedReader said = process.inputReader()) {
      String ready = String.valueOf(said.readLine());
      int port = Integer.parseInt(ready.substring(READY.length()));
      try (Wire client =
          Wire.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
        client.get("/first");
        client.get("/last");
      }
      process.outputWriter().close();
      assertEquals("asked for /first by " + process.pid(), said.readLine());
      assertEquals("asked for /last by " + process.pid(), said.readLine());
      assertEquals(0, exit(process));
    }
  }

  @Test
  void aHangUpReloads() throws Exception {
    Assumptions.assumeFalse(ignoresHangUps(), "a child of nohup hears of none");
    Process process = run("http { server { listen 127.0.0.1:0; } }");
    try (BufferedReader said = process.inputReader()) {
      assertReady(said);
      Process kill = new ProcessBuilder("kill", "-HUP", String.valueOf(process.pid())).start();
      assertEquals(0, exit(kill));
      assertReady(said);
    }
  }

  /** As inherited by each child; false where that cannot be seen. */
  private static boolean ignoresHangUps() throws Exception {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    String ignored =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .map(line -> line.substring("SigIgn:".length()).strip())
            .findFirst()
            .orElse("0");
    return (Long.parseUnsignedLong(ignored, 16) & 1) != 0;
  }

  @Test
  void standardInputReloadsItAndItsEndEndsIt() throws Exception {
    Path pid = dir.resolve("proxy.pid");
    String configuration = "pid proxy.pid; http { server { listen 127.0.0.1:0; } }";
    Process process = run(configuration, "--stdin-control");
    try (BufferedReader said = process.inputReader()) {
      assertReady(said);
      assertEquals(process.pid() + "\n", Files.readString(pid));
      process.outputWriter().append("reload\n").flush();
      assertReady(said);
      process.outputWriter().close();
      assertEquals(0, exit(process));
      assertFalse(Files.exists(pid));
    }
  }

  @Test
  void aTerminationEndsIt() throws Exception {
    Process process = run("http { server { listen 127.0.0.1:0; } }");
    try (BufferedReader said = process.inputReader()) {
      assertReady(said);
      process.destroy();
      assertEquals(143, exit(process));
    }
  }

  @Test
  void aMistakeEndsItAtOnce() throws Exception {
    assertEquals(1, exit(run("http { oops; }")));
    assertEquals(
        "nginx: [emerg] unknown directive \"oops\" in " + dir.resolve("nginx.conf") + ":1",
        Files.readString(dir.resolve("stderr")).strip());
  }
}
