package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.proto.trace.v1.Span;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keepaliveagent.telemetry.OtlpReceiver;

/** A reused connection that turns out stale: what the caller gets, and what the trace shows. */
class StaleConnectionTest {
  private static final String CALLER = "00f067aa0ba902b7";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir Path folder;

  @Test
  void withoutTheAgentBothAreLost() throws Exception {
    try (FickleOrigin origin = FickleOrigin.start();
        ForkedProxy proxy = ForkedProxy.start(folder, origin.port(), List.of(), Map.of())) {
      assertEquals(200, send(proxy, "GET", "1"));
      assertEquals(502, send(proxy, "GET", "2"));
      assertEquals(200, send(proxy, "GET", "3"));
      assertEquals(502, send(proxy, "POST", "4"));
    }
  }

  @Test
  void aGetIsTriedAgainOnAFreshConnectionAndAPostIsNot() throws Exception {
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"), "defaults:\n  next_upstream: [error, timeout]\n");
    try (OtlpReceiver receiver = OtlpReceiver.start();
        FickleOrigin origin = FickleOrigin.start();
        ForkedProxy proxy = start(origin, policy, receiver)) {
      assertEquals(200, send(proxy, "GET", "1"));
      assertEquals(200, send(proxy, "GET", "2"));
      assertEquals(502, send(proxy, "POST", "3"));
      assertEquals(2, origin.executed().size(), origin.executed().toString());

      // 1: upstream, open. 2: upstream, reuse, reset, retry, upstream, open. 3: upstream, reuse,
      // reset.
      receiver.awaitSpans(11, Duration.ofSeconds(20));
      String get = receiver.tree(trace("2"));
      assertLines(
          get,
          "(caller " + CALLER + ")",
          "upstream GET  CLIENT ERROR",
          "connection reuse  INTERNAL",
          "connection reset  INTERNAL ERROR",
          "request retry  INTERNAL  → upstream GET",
          "upstream GET  CLIENT",
          "connection open  INTERNAL");
      assertTrue(get.contains("error.type=connection_reset"), get);
      assertTrue(get.contains("upstream.retry.decision=allowed"), get);
      assertTrue(get.contains("upstream.retry.reason=stale"), get);
      assertTrue(get.contains("http.request.resend_count=1"), get);
      String post = receiver.tree(trace("3"));
      assertLines(
          post,
          "(caller " + CALLER + ")",
          "upstream POST  CLIENT ERROR",
          "connection reuse  INTERNAL",
          "connection reset  INTERNAL ERROR");
      assertTrue(post.contains("upstream.retry.denied_by=non_idempotent"), post);
    }
  }

  @Test
  void aPostIsTriedAgainWhereThePolicySaysSo() throws Exception {
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            """
            defaults:
              next_upstream: [error, non_idempotent]
              fresh_for_non_idempotent: off
            """);
    try (OtlpReceiver receiver = OtlpReceiver.start();
        FickleOrigin origin = FickleOrigin.start();
        ForkedProxy proxy = start(origin, policy, receiver)) {
      assertEquals(200, send(proxy, "GET", "1"));
      assertEquals(200, send(proxy, "POST", "2"));
      assertEquals(2, origin.executed().size(), origin.executed().toString());
      receiver.awaitSpans(8, Duration.ofSeconds(20));
      assertTrue(receiver.tree(trace("2")).contains("request retry"), receiver.trees());
    }
  }

  @Test
  void anUnsampledCallerGetsNoSpan() throws Exception {
    try (OtlpReceiver receiver = OtlpReceiver.start();
        Origin origin = Origin.start();
        ForkedProxy proxy =
            ForkedProxy.start(
                folder, origin.port(), List.of(ForkedProxy.agent("")), exportingTo(receiver))) {
      assertEquals(200, send(proxy, "GET", "1", "00"));
      assertEquals(200, send(proxy, "GET", "2", "01"));
      List<Span> spans = receiver.awaitSpans(2, Duration.ofSeconds(20));
      assertEquals(2, spans.size(), receiver.trees());
      assertEquals("", receiver.tree(trace("1")));
    }
  }

  private ForkedProxy start(FickleOrigin origin, Path policy, OtlpReceiver receiver)
      throws Exception {
    return ForkedProxy.start(
        folder,
        origin.port(),
        List.of(ForkedProxy.agent("policy=" + policy)),
        exportingTo(receiver));
  }

  private static Map<String, String> exportingTo(OtlpReceiver receiver) {
    return Map.of(
        "OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint(), "OTEL_BSP_SCHEDULE_DELAY", "50");
  }

  private int send(ForkedProxy proxy, String method, String number) throws Exception {
    return send(proxy, method, number, "01");
  }

  private int send(ForkedProxy proxy, String method, String number, String flags) throws Exception {
    HttpRequest.BodyPublisher body =
        method.equals("POST")
            ? HttpRequest.BodyPublishers.ofString("hello")
            : HttpRequest.BodyPublishers.noBody();
    HttpRequest request =
        HttpRequest.newBuilder(proxy.address())
            .method(method, body)
            .header("traceparent", "00-" + trace(number) + "-" + CALLER + "-" + flags)
            .build();
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.discarding())
        .get(20, TimeUnit.SECONDS)
        .statusCode();
  }

  private static String trace(String number) {
    return "4bf92f3577b34da6a3ce929d0e0e473" + number;
  }

  /** Each line of the drawing begins, its branches left out, as given. */
  private static void assertLines(String drawing, String... beginnings) {
    List<String> lines = drawing.lines().map(line -> line.replaceFirst("^[ │├└]*", "")).toList();
    assertEquals(beginnings.length, lines.size(), drawing);
    for (int i = 0; i < beginnings.length; i++) {
      assertTrue(lines.get(i).startsWith(beginnings[i]), "line " + i + " of\n" + drawing);
    }
  }
}
