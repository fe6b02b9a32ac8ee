package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files under a {@code root}; {@link BesideNginxTest} has more where nginx is installed. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class StaticFilesTest {
  private static final Instant MODIFIED = Instant.ofEpochSecond(1_700_000_000);

  @TempDir private Path prefix;

  @BeforeEach
  void files() throws IOException {
    Files.createDirectories(prefix.resolve("www/folder"));
    Files.writeString(prefix.resolve("secret"), "secret");
    file("a.html", "hello");
    file("folder/start", "here");
    file("empty", "");
    file("ü.html", "umlaut");
  }

  private void file(String name, String content) throws IOException {
    Path file = prefix.resolve("www").resolve(name);
    Files.writeString(file, content);
    Files.setLastModifiedTime(file, FileTime.from(MODIFIED));
  }

  private TestProxy serving(String directives) throws Exception {
    String text = "http { server { listen 127.0.0.1:0; root www; %s } }".formatted(directives);
    return TestProxy.configured(ProxyConfig.parse(prefix, "nginx.conf", "", text));
  }

  @Test
  void aFileHasItsTypeItsTimeAndItsTag() throws Exception {
    try (TestProxy proxy = serving("");
        Wire client = proxy.connect()) {
      for (int i = 0; i < 2; i++) {
        Wire.Message response = client.get("/a.html");
        assertEquals("HTTP/1.1 200 OK", response.start());
        assertEquals("hello", response.body());
        assertEquals("text/html", response.header("Content-Type"));
        assertEquals("Tue, 14 Nov 2023 22:13:20 GMT", response.header("Last-Modified"));
        assertEquals("\"6553f100-5\"", response.header("ETag"));
        assertEquals("bytes", response.header("Accept-Ranges"));
      }
      assertEquals("", client.get("/empty").body());
      assertEquals("umlaut", client.get("/%c3%bc.html").body());
      client.send("HEAD /a.html HTTP/1.1\nHost: h\n\n");
      assertEquals("5", client.head().header("Content-Length"));
      assertEquals("hello", client.get("/a.html").body());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../secret",
        "/folder/../../secret",
        "/%2e%2e/secret",
        "/folder/%2e%2e/%2e%2e/secret",
        "/..%2fsecret",
        "/folder/..%2f..%2fsecret",
        "/.%2e/secret",
        "/%2e%2e%2fsecret",
        "//../secret",
        "/a.html/../../secret",
        "/x?/../../secret",
        "/folder/..%5c..%5csecret"
      })
  void nothingLeadsOutOfTheRoot(String target) throws Exception {
    try (TestProxy proxy = serving("");
        Wire client = proxy.connect()) {
      String status = client.get(target).start().substring(9, 12);
      assertEquals(target.contains("?") || target.contains("%5c") ? "404" : "400", status);
    }
  }

  @Test
  void noVariableLeadsOutOfTheRoot() throws Exception {
    try (TestProxy proxy = serving("location /x { error_page 404 /$arg_a; return 404; }");
        Wire client = proxy.connect()) {
      assertEquals("HTTP/1.1 404 Not Found", client.get("/x?a=../secret").start());
      assertEquals("hello", client.get("/x?a=a.html").body());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=1-2, 206, el, bytes 1-2/5",
    "bytes=3-, 206, lo, bytes 3-4/5",
    "bytes=-2, 206, lo, bytes 3-4/5",
    "bytes=5-, 416, '', bytes */5",
    "'bytes=0-0,2-2', 200, hello, ''"
  })
  void aPartOfAFileIsSent(String range, String status, String body, String contentRange)
      throws Exception {
    try (TestProxy proxy = serving("");
        Wire client = proxy.connect()) {
      client.send("GET /a.html HTTP/1.1\nHost: h\nRange: " + range + "\n\n");
      Wire.Message response = client.message();
      assertEquals(status, response.start().substring(9, 12));
      assertEquals(contentRange, response.header("Content-Range"));
      if (!status.equals("416")) {
        assertEquals(body, response.body());
      }
    }
  }

  @Test
  void aFileThatTheClientHasIsNotSent() throws Exception {
    try (TestProxy proxy = serving("");
        Wire client = proxy.connect()) {
      client.send("GET /a.html HTTP/1.1\nHost: h\nIf-None-Match: \"6553f100-5\"\n\n");
      assertEquals("HTTP/1.1 304 Not Modified", client.head().start());
      client.send("GET /a.html HTTP/1.1\nHost: h\nIf-Match: \"x\"\n\n");
      assertEquals("HTTP/1.1 412 Precondition Failed", client.message().start());
      assertEquals("hello", client.get("/a.html").body());
    }
  }

  @Test
  void aFolderIsItsIndexOrForbidden() throws Exception {
    try (TestProxy proxy = serving("location /folder { index none start; }");
        Wire client = proxy.connect()) {
      String port = String.valueOf(proxy.address().getPort());
      assertEquals("here", client.get("/folder/").body());
      Wire.Message moved = client.get("/folder?a=b");
      assertEquals("HTTP/1.1 301 Moved Permanently", moved.start());
      assertEquals("http://test:" + port + "/folder/?a=b", moved.header("Location"));
      assertEquals("HTTP/1.1 403 Forbidden", client.get("/").start());
      assertEquals("HTTP/1.1 404 Not Found", client.get("/none/").start());
      client.send("POST /a.html HTTP/1.1\nHost: h\nContent-Length: 2\n\nxx");
      assertEquals("HTTP/1.1 405 Not Allowed", client.message().start());
      assertEquals("hello", client.get("/a.html").body());
    }
  }

  @Test
  void aBigFileWaitsForItsClientAndOthersDoNot() throws Exception {
    byte[] content = new byte[20_000_000];
    new Random(1).nextBytes(content);
    Files.write(prefix.resolve("www/big"), content);
    try (TestProxy proxy = serving("");
        Wire slow = proxy.connect();
        Wire other = proxy.connect()) {
      slow.send("GET /big HTTP/1.1\nHost: h\n\nGET /a.html HTTP/1.1\nHost: h\n\n");
      Wire.Head head = slow.head();
      assertEquals("20000000", head.header("Content-Length"));
      assertEquals("hello", other.get("/a.html").body());
      assertArrayEquals(content, slow.in().readNBytes(content.length));
      assertEquals("hello", slow.message().body());
    }
  }

  @Test
  void aClientMayGoAwayWithinAFile() throws Exception {
    Files.write(prefix.resolve("www/big"), new byte[20_000_000]);
    try (TestProxy proxy = serving("")) {
      try (Wire client = proxy.connect()) {
        client.send("GET /big HTTP/1.1\nHost: h\n\n");
        client.head();
        client.reset();
      }
      TestProxy.await("the client to be forgotten", () -> proxy.clientCount() == 0);
    }
  }
}
