package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Reason;

/** Whole trees, as a backend receives them from the real exporter. */
class OtlpTreesTest {
  private final SystemProperties properties = new SystemProperties();
  private final List<String> messages = new ArrayList<>();
  private OtlpReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    receiver = OtlpReceiver.start();
    properties.set("otel.exporter.otlp.endpoint", receiver.endpoint());
    properties.set("otel.service.name", "shop");
    // The SDK's thread notices its end at the end of a delay, which is 5 s by default.
    properties.set("otel.bsp.schedule.delay", "50");
  }

  @AfterEach
  void stop() {
    receiver.close();
    properties.close();
    assertEquals(List.of(), messages);
    Await.threadsGone(TelemetryThread.NAME);
    Await.threadsGone("BatchSpanProcessor");
  }

  @Test
  void reuse() throws InterruptedException {
    export(2, Attempts.reuse(1, "GET", Attempts.SAMPLED));
    assertTree(
        """
        (caller 00f067aa0ba902b7)
         └ upstream GET  CLIENT\
         http.request.method=GET\
         http.response.status_code=200\
         server.address=orders.internal\
         server.port=8080\
         upstream.connection.age_ms=720000\
         upstream.connection.id=17\
         upstream.connection.idle_ms=61000\
         upstream.connection.requests=42\
         upstream.connection.reused=true\
         upstream.library=java-http-client\
         upstream.mode=enforce\
         upstream.policy=orders
            └ connection reuse  INTERNAL upstream.connection.id=17
        """);
  }

  @Test
  void open() throws InterruptedException {
    export(2, Attempts.open(1, "POST", Attempts.SAMPLED));
    assertTree(
        """
        (caller 00f067aa0ba902b7)
         └ upstream POST  CLIENT\
         http.request.method=POST\
         http.response.status_code=200\
         server.address=orders.internal\
         server.port=8080\
         upstream.connection.age_ms=0\
         upstream.connection.id=23\
         upstream.connection.requests=1\
         upstream.connection.reused=false\
         upstream.library=java-http-client\
         upstream.mode=enforce\
         upstream.policy=orders
            └ connection open  INTERNAL upstream.connection.id=23
        """);
  }

  @Test
  void aStaleGetIsRetriedOnAFreshConnection() throws InterruptedException {
    export(
        6,
        Attempts.stale(Mode.ENFORCE, 1, "GET", Reason.STALE, true),
        Attempts.repeating(Attempts.open(2, "GET", Attempts.SAMPLED), 1, Reason.STALE));
    assertTree(
        """
        (caller 00f067aa0ba902b7)
         ├ upstream GET  CLIENT ERROR\
         error.type=connection_reset\
         http.request.method=GET\
         server.address=orders.internal\
         server.port=8080\
         upstream.close.reason=error\
         upstream.connection.age_ms=720000\
         upstream.connection.id=17\
         upstream.connection.idle_ms=61000\
         upstream.connection.requests=42\
         upstream.connection.reused=true\
         upstream.library=java-http-client\
         upstream.mode=enforce\
         upstream.policy=orders
         │  ├ connection reuse  INTERNAL upstream.connection.id=17
         │  └ connection reset  INTERNAL ERROR\
         error.type=connection_reset\
         upstream.reset.initiator=peer\
         upstream.reset.phase=awaiting_response\
         upstream.retry.decision=allowed\
         upstream.retry.reason=stale
         └ request retry  INTERNAL  → upstream GET\
         upstream.retry.decision=allowed\
         upstream.retry.reason=stale
            └ upstream GET  CLIENT\
         http.request.method=GET\
         http.request.resend_count=1\
         http.response.status_code=200\
         server.address=orders.internal\
         server.port=8080\
         upstream.connection.age_ms=0\
         upstream.connection.id=23\
         upstream.connection.requests=1\
         upstream.connection.reused=false\
         upstream.library=java-http-client\
         upstream.mode=enforce\
         upstream.policy=orders
               └ connection open  INTERNAL upstream.connection.id=23
        """);
  }

  @Test
  void aStalePostIsNotRetried() throws InterruptedException {
    export(3, Attempts.stale(Mode.ENFORCE, 1, "POST", Reason.NON_IDEMPOTENT, false));
    assertTree(
        """
        (caller 00f067aa0ba902b7)
         └ upstream POST  CLIENT ERROR\
         error.type=connection_reset\
         http.request.method=POST\
         server.address=orders.internal\
         server.port=8080\
         upstream.close.reason=error\
         upstream.connection.age_ms=720000\
         upstream.connection.id=17\
         upstream.connection.idle_ms=61000\
         upstream.connection.requests=42\
         upstream.connection.reused=true\
         upstream.library=java-http-client\
         upstream.mode=enforce\
         upstream.policy=orders
            ├ connection reuse  INTERNAL upstream.connection.id=17
            └ connection reset  INTERNAL ERROR\
         error.type=connection_reset\
         upstream.reset.initiator=peer\
         upstream.reset.phase=awaiting_response\
         upstream.retry.decision=denied\
         upstream.retry.denied_by=non_idempotent
        """);
  }

  @Test
  void spansBelongToTheApplicationAndToOurScope() throws InterruptedException {
    export(2, Attempts.reuse(1, "GET", Attempts.SAMPLED));
    ResourceSpans received = receiver.received().get(0);
    assertEquals("shop", attribute(received, "service.name"));
    assertEquals("keepalive-agent", received.getScopeSpans(0).getScope().getName());
  }

  @Test
  void anotherTracersServiceNameIsTakenOver() throws InterruptedException {
    try (SystemProperties others = new SystemProperties()) {
      others.set("otel.service.name", "").set("dd.service", "by-datadog");
      export(2, Attempts.reuse(1, "GET", Attempts.SAMPLED));
    }
    assertEquals("by-datadog", attribute(receiver.received().get(0), "service.name"));
  }

  @Test
  void theResourceAttributesServiceNameIsKept() throws InterruptedException {
    try (SystemProperties others = new SystemProperties()) {
      others.clear("otel.service.name").set("dd.service", "by-datadog");
      others.set("otel.resource.attributes", "service.name=by-resource,team=a");
      export(2, Attempts.reuse(1, "GET", Attempts.SAMPLED));
    }
    assertEquals("by-resource", attribute(receiver.received().get(0), "service.name"));
  }

  @Test
  void propagatorsThatOnlyAnotherAgentHasDoNoHarm() throws InterruptedException {
    try (SystemProperties others = new SystemProperties()) {
      others.set("otel.propagators", "b3,xray");
      export(2, Attempts.reuse(1, "GET", Attempts.SAMPLED));
    }
  }

  @Test
  void closingExportsWhatWaits() throws InterruptedException {
    export(2, Attempts.reuse(1, "GET", Attempts.SAMPLED));
    Await.threadsGone("BatchSpanProcessor");
    properties.set("otel.bsp.schedule.delay", "3000");
    Telemetry telemetry = new Telemetry(Switch.AUTO, SpanChoice.ALL, messages::add);
    telemetry.start();
    telemetry.attempt(Attempts.reuse(2, "GET", Attempts.SAMPLED));
    Await.until("the SDK has started", () -> Await.threads("BatchSpanProcessor") > 0);
    telemetry.attempt(Attempts.reuse(3, "GET", Attempts.SAMPLED));
    telemetry.close();
    assertEquals(6, receiver.spans().size());
  }

  /** Not left to {@code close}, which gives up after two seconds on however slow a machine. */
  private void export(int spans, Attempt... attempts) throws InterruptedException {
    Telemetry telemetry = new Telemetry(Switch.AUTO, SpanChoice.ALL, messages::add);
    telemetry.start();
    for (Attempt a : attempts) {
      assertTrue(telemetry.wants(a.traceparent));
      telemetry.attempt(a);
    }
    receiver.awaitSpans(spans, Duration.ofSeconds(20));
    telemetry.close();
    assertEquals(0, telemetry.dropped());
    assertEquals(spans, receiver.spans().size());
  }

  private void assertTree(String expected) {
    assertEquals(expected, receiver.tree(Attempts.TRACE));
    for (Span parent : receiver.spans()) {
      for (Span child : receiver.spans()) {
        if (child.getParentSpanId().equals(parent.getSpanId())) {
          assertTrue(
              child.getStartTimeUnixNano() >= parent.getStartTimeUnixNano()
                  && child.getEndTimeUnixNano() <= parent.getEndTimeUnixNano(),
              child.getName() + " lies outside " + parent.getName());
        }
      }
    }
  }

  private static String attribute(ResourceSpans received, String key) {
    return received.getResource().getAttributesList().stream()
        .filter(attribute -> attribute.getKey().equals(key))
        .map(KeyValue::getValue)
        .findFirst()
        .orElseThrow()
        .getStringValue();
  }
}
