package org.keepaliveagent.runtime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.policy.Mode;

/** What the status page's server answers, and to whom. */
class StatusServerTest {
  private static final String TOKEN = "0123456789abcdef";

  private final List<Mode> switched = new CopyOnWriteArrayList<>();
  private StatusServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        new StatusServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            () -> "{\"version\":\"1\"}",
            () -> "metric 1\n",
            new ModeSwitch(TOKEN, switched::add));
    server.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.close();
    server.join(10_000);
    assertFalse(server.isAlive());
  }

  @Test
  void aClientGetsThePageTheJsonAndTheMetrics() throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<String> page = get(client, "");
    assertTrue(page.body().startsWith("<!DOCTYPE html>"), page.body());
    assertEquals("no-store", page.headers().firstValue("Cache-Control").orElseThrow());
    assertEquals("{\"version\":\"1\"}", get(client, "status.json?now").body());
    assertEquals("metric 1\n", get(client, "metrics").body());
  }

  private HttpResponse<String> get(HttpClient client, String path) throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
            HttpResponse.BodyHandlers.ofString(UTF_8));
    assertEquals(200, response.statusCode());
    return response;
  }

  @ParameterizedTest
  @CsvSource({
    "GET / HTTP/1.1, localhost:9911, 200",
    "HEAD /metrics HTTP/1.1, 127.0.0.1, 200",
    "GET / HTTP/1.0, [::1]:80, 200",
    "GET / HTTP/1.1, evil.example, 403",
    "GET / HTTP/1.1, 127.0.0.1.evil.example:80, 403",
    "GET / HTTP/1.1, 10.0.0.1, 403",
    "POST / HTTP/1.1, localhost, 405",
    "POST /mode HTTP/1.1, localhost, 403",
    "OPTIONS /mode HTTP/1.1, localhost, 405",
    "POST /mode HTTP/1.1, evil.example, 403",
    "DELETE /status.json HTTP/1.1, localhost, 405",
    "GET /etc/passwd HTTP/1.1, localhost, 404",
    "GET /../status.json HTTP/1.1, localhost, 404",
    "nonsense, localhost, 400",
    "GET / SMTP, localhost, 400",
  })
  void itAnswersToItsOwnAddressOnlyAndRefusesWhatItDoesNotKnow(String line, String host, int status)
      throws IOException {
    String response = raw(line + "\r\nHost: " + host + "\r\n\r\n");
    assertTrue(response.startsWith("HTTP/1.1 " + status + " "), response);
    assertEquals(line.startsWith("HEAD"), response.endsWith("\r\n\r\n"), response);
  }

  @Test
  void aRequestWithoutAHostIsRefused() throws IOException {
    assertTrue(raw("GET / HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 403 "));
  }

  @ParameterizedTest
  @CsvSource({
    "/mode, 0123456789abcdef, http://localhost, observe, 200",
    "/mode, 0123456789abcdef, http://evil.example, observe, 403",
    "/mode, 0123456789abcdeX, http://localhost, observe, 403",
    "/mode, '', http://localhost, observe, 403",
    "/mode, 0123456789abcdef, http://localhost, enforced, 400",
    "/mode, 0123456789abcdef, http://localhost, 'observe and much more of it', 400",
    "/, 0123456789abcdef, http://localhost, observe, 405",
    "/mode?x, 0123456789abcdef, http://localhost, observe, 405",
  })
  void theModeIsSwitchedWithTheTokenAndNotOtherwise(
      String path, String token, String origin, String word, int status) throws IOException {
    String response =
        raw(
            "POST "
                + path
                + " HTTP/1.1\r\nHost: localhost\r\nOrigin: "
                + origin
                + "\r\nKeepalive-Token: "
                + token
                + "\r\nContent-Length: "
                + word.length()
                + "\r\n\r\n"
                + word);
    assertTrue(response.startsWith("HTTP/1.1 " + status + " "), response);
    assertEquals(status == 200 ? List.of(Mode.OBSERVE) : List.of(), switched);
  }

  @Test
  void withoutATokenOfItsOwnItSwitchesNothing() throws Exception {
    server.close();
    server.join(10_000);
    server =
        new StatusServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            () -> "",
            () -> "",
            new ModeSwitch("", switched::add));
    server.start();
    String response =
        raw(
            "POST /mode HTTP/1.1\r\nHost: localhost\r\nKeepalive-Token: \r\n"
                + "Content-Length: 3\r\n\r\noff");
    assertTrue(response.startsWith("HTTP/1.1 405 "), response);
    assertEquals(List.of(), switched);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 20_000})
  void aClientThatSaysNothingOrTooMuchKeepsNobodyElseOut(int length) throws IOException {
    try (Socket other = new Socket(InetAddress.getLoopbackAddress(), port())) {
      other.getOutputStream().write("x".repeat(length).getBytes(ISO_8859_1));
      assertTrue(raw("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").startsWith("HTTP/1.1 200 "));
    }
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private int port() {
    return URI.create(server.url()).getPort();
  }
}
