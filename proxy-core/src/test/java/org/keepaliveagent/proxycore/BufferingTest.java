package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages that are kept here, in memory and in files, and what of them is passed on. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class BufferingTest {
  private static final int SIZE = 32 << 20;
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  @TempDir private Path prefix;

  private final SeenRequests requests = new SeenRequests();

  private TestProxy proxy(Origin origin, String directives) throws Exception {
    return TestProxy.configured(
        prefix,
        "http { client_max_body_size 0; %s server { listen 127.0.0.1:0; location / { proxy_pass http://127.0.0.1:%d; } } }"
            .formatted(directives, origin.port()));
  }

  /** Files of the proxy that are open; they have no name any more. */
  private long openFiles() throws IOException {
    assumeTrue(Files.isDirectory(DESCRIPTORS), "not run: no /proc here");
    try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
      return descriptors.filter(this::isOurs).count();
    }
  }

  private boolean isOurs(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).startsWith(prefix);
    } catch (IOException e) {
      return false; // Closed meanwhile.
    }
  }

  private long filesWithNames() throws IOException {
    try (Stream<Path> files = Files.walk(prefix)) {
      return files.filter(Files::isRegularFile).count();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static byte[] bytes() {
    byte[] bytes = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      bytes[i] = (byte) (i % 251);
    }
    return bytes;
  }

  private static Origin sending(byte[] body) throws IOException {
    return Origin.scripted(
        (serial, wire) -> {
          wire.message();
          wire.send("HTTP/1.1 200 OK\nContent-Length: " + body.length + "\n\n");
          wire.out().write(body);
          wire.out().flush();
          wire.message();
        });
  }

  @Test
  void theUpstreamIsAskedWhenTheWholeBodyIsHere() throws Exception {
    try (Origin origin = requests.origin(Origin.ok("yes"));
        TestProxy proxy = proxy(origin, "");
        Wire client = proxy.connect()) {
      client.send("PUT / HTTP/1.1\nHost: h\nExpect: 100-continue\nTransfer-Encoding: chunked\n\n");
      client.head();
      client.send("3\nabc\n");
      assertEquals(0, origin.accepted());
      client.send("2\nde\n0\nTrailer: x\n\n");
      assertEquals("yes", client.message().body());
      Wire.Message request = requests.next();
      assertEquals(
          List.of("Host: 127.0.0.1:" + origin.port(), "content-length: 5"), request.head().lines());
      assertEquals("abcde", request.body());
      assertEquals(0, openFiles());
    }
  }

  @Test
  void aLargeBodyIsInAFileUntilItIsAnswered() throws Exception {
    CountDownLatch mayAnswer = new CountDownLatch(1);
    byte[] body = bytes();
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.head();
                  boolean same = Arrays.equals(body, wire.in().readNBytes(SIZE));
                  mayAnswer.await();
                  wire.send(Origin.ok(String.valueOf(same)));
                  wire.rest();
                });
        TestProxy proxy = proxy(origin, "client_body_temp_path bodies 1 2;");
        Wire client = proxy.connect()) {
      client.send("PUT / HTTP/1.1\nHost: h\nContent-Length: " + SIZE + "\n\n");
      client.out().write(body);
      client.out().flush();
      TestProxy.await("the upstream to be asked", () -> origin.accepted() == 1);
      assertEquals(1, openFiles());
      assertTrue(Files.isDirectory(prefix.resolve("bodies")));
      assertEquals(0, filesWithNames());
      mayAnswer.countDown();
      assertEquals("true", client.message().body());
      assertEquals(0, openFiles());
    }
  }

  @Test
  void aFastUpstreamIsDoneBeforeItsSlowClient() throws Exception {
    byte[] body = bytes();
    try (Origin origin = sending(body);
        TestProxy proxy = proxy(origin, "");
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.1\nHost: h\n\nGET / HTTP/1.1\nHost: h\n\n");
      TestProxy.await("the upstream to be free", () -> proxy.parked() == 1);
      assertEquals(1, openFiles());
      assertEquals(0, filesWithNames());
      client.head();
      assertTrue(Arrays.equals(body, client.in().readNBytes(SIZE)), "the same bytes");
      TestProxy.await("the file to be closed", () -> openFiles() <= 1);
      client.head();
    }
  }

  @Test
  void theFileOfAClientThatGoesAwayIsGone() throws Exception {
    try (Origin origin = sending(bytes());
        TestProxy proxy = proxy(origin, "")) {
      try (Wire client = proxy.connect()) {
        client.send("GET / HTTP/1.1\nHost: h\n\n");
        TestProxy.await("the upstream to be free", () -> proxy.parked() == 1);
        assertEquals(1, openFiles());
      }
      TestProxy.await("the client to be forgotten", () -> proxy.clientCount() == 0);
      TestProxy.await("the file to be closed", () -> openFiles() == 0);
    }
  }

  @Test
  void aFileThatIsFullMakesTheUpstreamWait() throws Exception {
    byte[] body = bytes();
    CountDownLatch allSent = new CountDownLatch(1);
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.send("HTTP/1.1 200 OK\nContent-Length: " + SIZE + "\n\n");
                  wire.out().write(body);
                  wire.out().flush();
                  allSent.countDown();
                  wire.message();
                });
        TestProxy proxy = proxy(origin, "proxy_max_temp_file_size 1m;");
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.1\nHost: h\n\n");
      client.head();
      assertFalse(allSent.await(500, TimeUnit.MILLISECONDS), "sent without a reader");
      assertTrue(Arrays.equals(body, client.in().readNBytes(SIZE)), "the same bytes");
      TestProxy.await("the upstream to be free", () -> proxy.parked() == 1);
    }
  }

  @ParameterizedTest
  @CsvSource({"4096, '', 200", "4097, '', 502", "9000, proxy_buffer_size 16k;, 200"})
  void aHeadThatIsTooBigIsA502(int size, String directives, String status) throws Exception {
    String start = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: ";
    String head = start + "y".repeat(size - start.length() - 4);
    String enough = directives.isEmpty() ? "" : directives + "proxy_buffers 8 16k;";
    try (Origin origin = requests.origin(head.replace("\r", "") + "\n\nok");
        TestProxy proxy = proxy(origin, enough);
        Wire client = proxy.connect()) {
      assertTrue(client.get("/").start().startsWith("HTTP/1.1 " + status));
    }
  }

  @Test
  void anUpstreamThatTakesNothingIsA504() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.head();
                  done.await();
                });
        TestProxy proxy = proxy(origin, "proxy_send_timeout 200ms;");
        Wire client = proxy.connect()) {
      client.send("PUT / HTTP/1.1\nHost: h\nContent-Length: " + SIZE + "\n\n");
      client.out().write(bytes());
      client.out().flush();
      assertEquals("HTTP/1.1 504 Gateway Time-out", client.message().start());
      done.countDown();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "proxy_pass_request_body off;, PUT, Host: %s|X: 1, ''",
    "proxy_pass_request_headers off;, PUT, content-length: 4|Host: %s, body",
    "proxy_method POST;, POST, Host: %s|X: 1|Content-Length: 4, body",
  })
  void onlyAPartOfARequestIsPassed(String directive, String method, String head, String body)
      throws Exception {
    try (Origin origin = requests.origin(Origin.ok("yes"));
        TestProxy proxy = proxy(origin, directive);
        Wire client = proxy.connect()) {
      client.send("PUT / HTTP/1.1\nHost: h\nX: 1\nContent-Length: 4\n\nbody");
      assertEquals("yes", client.message().body());
      Wire.Message request = requests.next();
      assertEquals(method + " / HTTP/1.1", request.start());
      assertEquals(
          List.of(head.formatted("127.0.0.1:" + origin.port()).split("\\|")),
          request.head().lines());
      assertEquals(body, request.body());
    }
  }

  @Test
  void aResponseWhoseBodyWasNotAskedForEndsTheConnection() throws Exception {
    try (Origin origin = requests.origin("HTTP/1.1 200 OK\nContent-Length: 10\n\n");
        TestProxy proxy = proxy(origin, "proxy_method HEAD;");
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.1\nHost: h\n\n");
      assertEquals("10", client.head().header("Content-Length"));
      assertEquals("", client.rest());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "proxy_buffers 1 4k; > there must be at least 2 \"proxy_buffers\"",
        "proxy_buffers 8 0; > \"proxy_buffers\" directive invalid value",
        "proxy_buffer_size 1g; > \"proxy_buffer_size\" directive invalid value",
        "proxy_buffer_size 64k; > \"proxy_busy_buffers_size\" must be less than the size of all \"proxy_buffers\" minus one buffer",
        "proxy_busy_buffers_size 2k; > \"proxy_busy_buffers_size\" must be equal to or greater than the maximum of the value of \"proxy_buffer_size\" and one of the \"proxy_buffers\"",
        "proxy_max_temp_file_size 1k; > \"proxy_max_temp_file_size\" must be equal to zero to disable temporary files usage or must be equal to or greater than the maximum of the value of \"proxy_buffer_size\" and one of the \"proxy_buffers\"",
        "proxy_temp_file_write_size 1k; > \"proxy_temp_file_write_size\" must be equal to or greater than the maximum of the value of \"proxy_buffer_size\" and one of the \"proxy_buffers\"",
        "client_body_buffer_size 1.5k; > \"client_body_buffer_size\" directive invalid value",
        "proxy_temp_path x q; > \"proxy_temp_path\" directive invalid value",
        "proxy_request_buffering maybe; > invalid value \"maybe\" in \"proxy_request_buffering\" directive, it must be \"on\" or \"off\""
      })
  void sizesAreCheckedInNginxsWords(String directives, String error) throws Exception {
    ConfigException refused =
        assertThrows(
            ConfigException.class,
            () ->
                ProxyConfig.parse(
                    "nginx.conf",
                    "http { server { listen 127.0.0.1:0; location / { proxy_pass http://127.0.0.1:1; "
                        + directives
                        + " } } }"));
    assertTrue(String.valueOf(refused.getMessage()).startsWith(error), refused::getMessage);
  }
}
