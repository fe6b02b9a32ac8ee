package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ProxyCoreTest {
  private static final String LISTEN = "http { server { listen 127.0.0.1:0; } }";

  @TempDir private Path dir;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<Master> started = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (Master master : started) {
      master.stop(Duration.ZERO);
    }
  }

  private CommandLine line(String... options) {
    List<String> args = new ArrayList<>(List.of("-p", dir.toString(), "-c", "nginx.conf"));
    args.addAll(List.of(options));
    CommandLine line = ProxyCore.parse(args.toArray(String[]::new), new PrintStream(err, true));
    assertNotNull(line, text(err));
    return line;
  }

  private void write(String text) throws Exception {
    Files.writeString(dir.resolve("nginx.conf"), text);
  }

  private @Nullable Master start(String... options) {
    Master master =
        Master.start(
            line(options), new PrintStream(out, true), new PrintStream(err, true), started -> {});
    if (master != null) {
      started.add(master);
    }
    return master;
  }

  private static String text(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8).strip();
  }

  private String said() {
    return text(err).replace(dir.toString(), "DIR");
  }

  @Test
  void saysWhereItListens() throws Exception {
    write("http { server { listen 127.0.0.1:0; listen [::1]:0; } server { listen 0; } }");
    Master master = start();
    assertNotNull(master, text(err));
    int[] ports = master.proxy().addresses().stream().mapToInt(a -> a.getPort()).toArray();
    assertEquals(
        "proxy-core ready on 127.0.0.1:%d, [::1]:%d, 0.0.0.0:%d"
            .formatted(ports[0], ports[1], ports[2]),
        text(out));
  }

  @Test
  void saysWhyItDoesNotStart() throws Exception {
    write("http {\n  listn 80;\n}");
    assertNull(start("-e", "error.log"));
    assertEquals("nginx: [emerg] unknown directive \"listn\" in DIR/nginx.conf:2", said());
    assertEquals("", text(out));
    String logged = Files.readString(dir.resolve("error.log"));
    assertTrue(
        logged.matches(
            "\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d \\[emerg] \\d+#0: unknown directive \"listn\" in .*:2\\R"),
        logged);
  }

  @Test
  void saysThatThereIsNoFile() {
    assertNull(start());
    assertTrue(said().startsWith("nginx: [emerg] open() \"DIR/nginx.conf\" failed ("), said());
  }

  @Test
  void saysThatAnAddressIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      write("http { server { listen 127.0.0.1:0; listen " + address + "; } }");
      assertNull(start());
      assertTrue(said().startsWith("nginx: [emerg] bind() to " + address + " failed ("), said());
      assertEquals("", text(out));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-x, invalid option: \"-x\"",
    "stop, invalid option: \"stop\"",
    "-c, option \"-c\" requires file name",
    "-g, option \"-g\" requires parameter",
  })
  void saysWhatIsNoOption(String option, String message) {
    assertNull(ProxyCore.parse(new String[] {option}, new PrintStream(err, true)));
    assertEquals("nginx: " + message, text(err));
  }

  @Test
  void directivesOfTheCommandLineStandBeforeTheFile() throws Exception {
    write("daemon off; error_log logs/error.log warn; " + LISTEN);
    assertEquals(3, line("-g", "worker_processes 3;").read().workers());
    write("worker_processes 1; daemon off;");
    assertNull(start("-g", "daemon off;"));
    assertEquals("nginx: [emerg] \"daemon\" directive is duplicate in DIR/nginx.conf:1", said());
  }

  @Test
  void testsAConfiguration() throws Exception {
    write(LISTEN);
    assertEquals(0, ProxyCore.tell(line("-t"), new PrintStream(err, true)));
    assertEquals(
        List.of(
            "nginx: the configuration file DIR/nginx.conf syntax is ok",
            "nginx: configuration file DIR/nginx.conf test is successful"),
        said().lines().toList());
    write("daemon maybe;");
    err.reset();
    assertEquals(1, ProxyCore.tell(line("-t"), new PrintStream(err, true)));
    assertEquals(
        List.of(
            "nginx: [emerg] invalid value \"maybe\" in \"daemon\" directive, it must be \"on\" or \"off\" in DIR/nginx.conf:1",
            "nginx: configuration file DIR/nginx.conf test failed"),
        said().lines().toList());
  }

  @Test
  void testsWhetherLogsCanBeOpened() throws Exception {
    write("http { access_log none/x.log; server { listen 127.0.0.1:0; } }");
    assertEquals(1, ProxyCore.tell(line("-t"), new PrintStream(err, true)));
    assertEquals(
        List.of(
            "nginx: the configuration file DIR/nginx.conf syntax is ok",
            "nginx: [emerg] open() \"DIR/none/x.log\" failed (2: No such file or directory)",
            "nginx: configuration file DIR/nginx.conf test failed"),
        said().lines().toList());
  }

  @Test
  void saysItsVersion() {
    assertEquals(0, ProxyCore.tell(line("-V"), new PrintStream(err, true)));
    assertTrue(text(err).startsWith("nginx version: proxy-core/"), text(err));
  }

  @Test
  void thePidIsThereWhileItListens() throws Exception {
    Path pid = dir.resolve("proxy.pid");
    write("pid proxy.pid; " + LISTEN);
    Master master = start();
    assertNotNull(master, text(err));
    assertEquals(ProcessHandle.current().pid() + "\n", Files.readString(pid));
    write("pid other.pid; " + LISTEN);
    master.reload();
    assertFalse(Files.exists(pid));
    assertTrue(Files.exists(dir.resolve("other.pid")));
    master.stop(Duration.ZERO);
    assertFalse(Files.exists(dir.resolve("other.pid")));
  }

  @Test
  void obeysUntilItIsToldToQuit() throws Exception {
    write(LISTEN);
    Master master = start();
    assertNotNull(master, text(err));
    byte[] orders = "reload\nsing\nreload\nquit\nreload\n".getBytes(StandardCharsets.UTF_8);
    master.obey(new ByteArrayInputStream(orders));
    assertEquals(3, text(out).lines().count()); // It is ready thrice, at the same address.
    assertEquals(1, text(out).lines().distinct().count());
    assertEquals("nginx: [emerg] invalid order \"sing\" on standard input", said());
    master.obey(new ByteArrayInputStream(new byte[0]));
  }

  @Test
  void aConfigurationThatCannotBeUsedChangesNothing() throws Exception {
    write(LISTEN);
    Master master = start();
    assertNotNull(master, text(err));
    write("http { server { listen 127.0.0.1:0; listen 127.0.0.1:0; oops; } }");
    master.reload();
    assertEquals("nginx: [emerg] unknown directive \"oops\" in DIR/nginx.conf:1", said());
    assertEquals(1, master.proxy().addresses().size());
  }
}
