package org.keepaliveagent.javahttpclient;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.policy.Policy;

/** What is this library's own: WebSocket, HTTP/2, and headers that its requests make themselves. */
@Timeout(60)
class JavaHttpClientTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private AgentUnderTest agent;

  @AfterEach
  void stop() {
    List<String> faults = agent.faults();
    agent.close();
    assertEquals(List.of(), faults, "faults of the agent");
  }

  @Test
  void H3_aWebSocketOpensWhateverTheHeaderRules() throws Exception {
    agent =
        AgentUnderTest.with(
            Policy.builder("test").removeHeader("Connection").header("X-New", "1").build());
    CompletableFuture<String> said = new CompletableFuture<>();
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            said.complete(data.toString());
            return WebSocket.Listener.super.onText(socket, data, last);
          }
        };
    try (UpgradingUpstream upstream = UpgradingUpstream.toWebSocket()) {
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .connectTimeout(Duration.ofSeconds(20))
              .buildAsync(URI.create("ws://127.0.0.1:" + upstream.port() + "/"), listener)
              .get(20, SECONDS);
      socket.sendText("hello", true).get(20, SECONDS);
      assertEquals("hello", said.get(20, SECONDS));
      assertEquals(0, agent.idle());
      socket.abort();
      String head = upstream.heads().get(0).toLowerCase(Locale.ROOT);
      assertTrue(head.contains("\r\nconnection: upgrade\r\n"), head);
      assertTrue(head.contains("\r\nupgrade: websocket\r\n"), head);
    }
  }

  @Test
  void F7_oneClientSpeaksHttp2ToOneHostAndHttp11ToAnother() throws Exception {
    agent = AgentUnderTest.with(Policy.builder("test").maxRequests(2).build());
    try (UpgradingUpstream two = UpgradingUpstream.toHttp2();
        ScriptedUpstream one = ScriptedUpstream.start(null)) {
      for (int i = 1; i <= 6; i++) {
        HttpResponse<String> response = get(two.port());
        assertEquals(200, response.statusCode());
        assertEquals(HttpClient.Version.HTTP_2, response.version());
        response = get(one.port());
        assertEquals(HttpClient.Version.HTTP_1_1, response.version());
        assertEquals(
            String.valueOf(1 + (i - 1) / 2), response.headers().firstValue("X-Connection").get());
      }
      assertEquals(1, two.accepted());
    }
  }

  @Test
  void P3_theApplicationSeesTheHeadersOfAnHttp10ResponseAsTheyCame() throws Exception {
    agent = AgentUnderTest.with(Policy.builder("test").build());
    try (ScriptedUpstream upstream = ScriptedUpstream.start(null)) {
      upstream.script((connection, request) -> Cue.ANSWER_HTTP_1_0);
      HttpResponse<String> response = get(upstream.port());
      assertEquals(
          List.of("content-length", "x-connection", "x-request"),
          List.copyOf(response.headers().map().keySet()));
    }
  }

  @Test
  void H4_aCookieIsRemovedAndSet() throws Exception {
    agent = AgentUnderTest.with(Policy.builder("test").header("Cookie", "").build());
    try (ScriptedUpstream upstream = ScriptedUpstream.start(null)) {
      get(upstream.port(), "Cookie", "a=1");
      assertFalse(upstream.heads().get(0).contains("a=1"), upstream.heads().get(0));
      agent.reload(Policy.builder("test").header("Cookie", "b=2").build());
      get(upstream.port(), "Cookie", "a=1");
      String head = upstream.heads().get(1);
      assertTrue(head.contains("\r\nCookie: b=2\r\n") && !head.contains("a=1"), head);
    }
  }

  @Test
  void P7_aResponseThatCannotBeReadLeavesNoConnectionOpen() throws Exception {
    fail(
        Cue.ANSWER_BAD_HEADER,
        () -> {
          agent.pass(1000);
          agent.sweep();
        });
  }

  @Test
  void P7_theBooksHearOfAConnectionThatAFailureCloses() throws Exception {
    fail(Cue.ANSWER_IN_PART, () -> {});
  }

  /** One request, after which nothing may stay open. */
  private void fail(Cue cue, Runnable afterwards) throws Exception {
    agent = AgentUnderTest.with(Policy.builder("test").build());
    try (ScriptedUpstream upstream = ScriptedUpstream.start(null)) {
      upstream.script((connection, request) -> cue);
      assertThrows(IOException.class, () -> get(upstream.port()));
      assertEquals(1, agent.created());
      afterwards.run();
      while (upstream.open() > 0 || agent.open() > 0) {
        Thread.sleep(5);
      }
    }
  }

  private HttpResponse<String> get(int port, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
            .timeout(Duration.ofSeconds(20));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }
}
