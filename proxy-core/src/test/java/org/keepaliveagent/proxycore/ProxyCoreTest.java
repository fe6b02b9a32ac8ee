package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ProxyCoreTest {
  @TempDir private Path dir;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Proxy start(String text) throws Exception {
    return start(Files.writeString(dir.resolve("nginx.conf"), text));
  }

  private Proxy start(Path file) {
    return ProxyCore.start(file, new PrintStream(out, true), new PrintStream(err, true));
  }

  private static String text(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void saysWhereItListens() throws Exception {
    Proxy proxy =
        start("http { server { listen 127.0.0.1:0; listen [::1]:0; } server { listen 0; } }");
    assertNotNull(proxy, text(err));
    try {
      int[] ports = proxy.addresses().stream().mapToInt(a -> a.getPort()).toArray();
      assertEquals(
          "proxy-core ready on 127.0.0.1:%d, [::1]:%d, 0.0.0.0:%d"
              .formatted(ports[0], ports[1], ports[2]),
          text(out));
    } finally {
      proxy.stop(Duration.ZERO);
    }
  }

  @Test
  void saysWhyItDoesNotStart() throws Exception {
    assertNull(start("http {\n  listn 80;\n}"));
    assertEquals(
        "proxy-core: [emerg] unknown directive \"listn\" in " + dir.resolve("nginx.conf") + ":2",
        text(err));
    assertEquals("", text(out));
  }

  @Test
  void saysThatThereIsNoFile() {
    assertNull(start(dir.resolve("none.conf")));
    assertTrue(text(err).startsWith("proxy-core: [emerg] open() \""), text(err));
  }

  @Test
  void saysThatAnAddressIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      assertNull(start("http { server { listen 127.0.0.1:0; listen " + address + "; } }"));
      assertTrue(
          text(err).startsWith("proxy-core: [emerg] bind() to " + address + " failed ("),
          text(err));
    }
  }
}
