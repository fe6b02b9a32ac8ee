package org.keepaliveagent.telemetry;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.extension.SpanWriter;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Reason;

class AttemptSpansTest {
  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final SdkTracerProvider provider =
      SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build();
  private final AttemptSpans spans = new AttemptSpans(new SpanWriter(provider.get("test")), false);

  @AfterEach
  void close() {
    provider.close();
  }

  @Test
  void theHeaderIsTheParent() {
    spans.write(Attempts.reuse(1, "GET", Attempts.SAMPLED), WallClock.now());
    SpanData upstream = one("upstream GET");
    assertEquals(Attempts.TRACE, upstream.getTraceId());
    assertEquals(Attempts.CALLER, upstream.getParentSpanId());
    assertTrue(upstream.getParentSpanContext().isRemote());
  }

  @Test
  void aB3HeaderIsAParentToo() {
    String b3 = Attempts.TRACE + "-" + Attempts.CALLER + "-1";
    spans.write(Attempts.reuse(1, "GET", b3), WallClock.now());
    SpanData upstream = one("upstream GET");
    assertEquals(Attempts.TRACE, upstream.getTraceId());
    assertEquals(Attempts.CALLER, upstream.getParentSpanId());
  }

  @Test
  void withoutAHeaderTheAttemptIsARoot() {
    spans.write(Attempts.reuse(1, "GET", null), WallClock.now());
    assertFalse(one("upstream GET").getParentSpanContext().isValid());
  }

  @Test
  void anInvalidHeaderCountsAsNone() {
    spans.write(Attempts.reuse(1, "GET", "junk"), WallClock.now());
    assertFalse(one("upstream GET").getParentSpanContext().isValid());
  }

  @Test
  void anUnsampledParentGetsNoSpan() {
    String header = Attempts.SAMPLED.substring(0, 53) + "00";
    spans.write(Attempts.reuse(1, "GET", header), WallClock.now());
    assertEquals(List.of(), exporter.getFinishedSpanItems());
  }

  @Test
  void theKindIsInternalWhereAnotherTracerWroteTheHeader() {
    AttemptSpans beside = new AttemptSpans(new SpanWriter(provider.get("test")), true);
    beside.write(Attempts.reuse(1, "GET", Attempts.SAMPLED), WallClock.now());
    beside.write(Attempts.reuse(2, "POST", null), WallClock.now());
    spans.write(Attempts.reuse(3, "PUT", Attempts.SAMPLED), WallClock.now());
    assertEquals(SpanKind.INTERNAL, one("upstream GET").getKind());
    assertEquals(SpanKind.CLIENT, one("upstream POST").getKind());
    assertEquals(SpanKind.CLIENT, one("upstream PUT").getKind());
  }

  @Test
  void aStatusFrom400IsAnErrorWithoutAReset() {
    for (int status : new int[] {200, 304, 399, 400, 404, 503}) {
      exporter.reset();
      Attempt a = Attempts.reuse(1, "GET", null);
      a.status = status;
      spans.write(a, WallClock.now());
      SpanData upstream = one("upstream GET");
      boolean error = status >= 400;
      assertEquals(
          error ? StatusCode.ERROR : StatusCode.UNSET, upstream.getStatus().getStatusCode());
      assertEquals(
          error ? "" + status : null, upstream.getAttributes().get(stringKey("error.type")));
      assertEquals(2, exporter.getFinishedSpanItems().size());
    }
  }

  @Test
  void theDecisionAfterAListedStatusStandsAtTheAttempt() {
    Attempt a = Attempts.reuse(1, "GET", null);
    a.status = 503;
    a.retry = Reason.TRIES;
    spans.write(a, WallClock.now());
    assertDecision(one("upstream GET"), "denied", null, "tries");
  }

  @Test
  void inObserveADecisionThatTookNoEffectWasDeniedByObserve() {
    spans.write(Attempts.stale(Mode.OBSERVE, 1, "GET", Reason.STALE, false), WallClock.now());
    assertDecision(one("connection reset"), "denied", "stale", "observe");
    exporter.reset();
    spans.write(
        Attempts.stale(Mode.OBSERVE, 2, "POST", Reason.NON_IDEMPOTENT, true), WallClock.now());
    assertDecision(one("connection reset"), "denied", "non_idempotent", "observe");
  }

  @Test
  void inObserveAnAgreeingLibraryIsReportedAsInEnforce() {
    spans.write(Attempts.stale(Mode.OBSERVE, 1, "GET", Reason.STALE, true), WallClock.now());
    assertDecision(one("connection reset"), "allowed", "stale", null);
    exporter.reset();
    spans.write(
        Attempts.stale(Mode.OBSERVE, 2, "POST", Reason.NON_IDEMPOTENT, false), WallClock.now());
    assertDecision(one("connection reset"), "denied", null, "non_idempotent");
  }

  @Test
  void whereNobodyAskedNoRetryWasNeeded() {
    spans.write(Attempts.stale(Mode.ENFORCE, 1, "GET", null, false), WallClock.now());
    assertDecision(one("connection reset"), "not_needed", null, null);
  }

  @Test
  void theSecondRetryLinksToTheFirst() {
    spans.write(Attempts.stale(Mode.ENFORCE, 1, "GET", Reason.STALE, true), WallClock.now());
    Attempt second = Attempts.stale(Mode.ENFORCE, 2, "GET", Reason.LISTED, true);
    spans.write(Attempts.repeating(second, 1, Reason.STALE), WallClock.now());
    SpanContext failed =
        exporter.getFinishedSpanItems().stream()
            .filter(span -> span.getName().equals("upstream GET"))
            .filter(span -> span.getAttributes().get(longKey("http.request.resend_count")) != null)
            .findFirst()
            .orElseThrow()
            .getSpanContext();
    exporter.reset();
    Attempt third = Attempts.repeating(Attempts.open(3, "GET", Attempts.SAMPLED), 2, Reason.LISTED);
    third.resendCount = 2;
    spans.write(third, WallClock.now());
    assertEquals(failed, one("request retry").getLinks().get(0).getSpanContext());
    assertEquals(2, one("upstream GET").getAttributes().get(longKey("http.request.resend_count")));
  }

  @Test
  void aRetryOfAnAttemptThatNobodyRecordedHasNoLink() {
    spans.write(
        Attempts.repeating(Attempts.open(2, "GET", Attempts.SAMPLED), 1, Reason.STALE),
        WallClock.now());
    assertEquals(List.of(), one("request retry").getLinks());
  }

  @Test
  void aRetryWithoutAHeaderIsATraceOfItsOwnWithALink() {
    Attempt failed = Attempts.reuse(1, "GET", null);
    failed.errorType = "connection_reset";
    failed.retry = Reason.STALE;
    failed.retried = true;
    spans.write(failed, WallClock.now());
    spans.write(
        Attempts.repeating(Attempts.open(2, "POST", null), 1, Reason.STALE), WallClock.now());
    SpanData retry = one("request retry");
    assertEquals(one("upstream GET").getSpanContext(), retry.getLinks().get(0).getSpanContext());
    assertNotEquals(one("upstream GET").getTraceId(), retry.getTraceId());
    assertEquals(retry.getSpanId(), one("upstream POST").getParentSpanId());
  }

  @Test
  void unknownMethodsShareOneName() {
    spans.write(Attempts.reuse(1, "Gibberish", null), WallClock.now());
    SpanData upstream = one("upstream HTTP");
    assertEquals("_OTHER", upstream.getAttributes().get(stringKey("http.request.method")));
    assertEquals(
        "Gibberish", upstream.getAttributes().get(stringKey("http.request.method_original")));
  }

  @Test
  void anAttemptWithoutAConnectionHasNoConnectionSpan() {
    Attempt a = Attempts.open(1, "GET", null);
    a.openedAt = 0;
    a.leasedAt = 0;
    a.sentAt = 0;
    a.respondedAt = 0;
    a.status = 0;
    a.errorType = "connection_refused";
    a.failedIn = Attempt.Phase.CONNECT;
    spans.write(a, WallClock.now());
    assertEquals(
        List.of("connection reset", "upstream GET"),
        exporter.getFinishedSpanItems().stream().map(SpanData::getName).sorted().toList());
    SpanData reset = one("connection reset");
    assertEquals("connect", reset.getAttributes().get(stringKey("upstream.reset.phase")));
    assertEquals("local", reset.getAttributes().get(stringKey("upstream.reset.initiator")));
  }

  private static void assertDecision(
      SpanData span, String decision, String reason, String deniedBy) {
    assertEquals(decision, span.getAttributes().get(stringKey("upstream.retry.decision")));
    assertEquals(reason, span.getAttributes().get(stringKey("upstream.retry.reason")));
    assertEquals(deniedBy, span.getAttributes().get(stringKey("upstream.retry.denied_by")));
  }

  private SpanData one(String name) {
    List<SpanData> found =
        exporter.getFinishedSpanItems().stream()
            .filter(span -> span.getName().equals(name))
            .toList();
    assertEquals(1, found.size(), name);
    return found.get(0);
  }
}
