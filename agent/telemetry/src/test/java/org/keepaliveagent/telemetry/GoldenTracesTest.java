package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.proto.trace.v1.Span;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.policy.Engine;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Library;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.PolicyTable;
import org.keepaliveagent.policy.Sweep;

/**
 * Whole traces, from the hooks' calls to what a backend receives: a real engine on a manual clock,
 * the real exporter, compared with the drawings in {@code src/test/traces}. These are written anew
 * by {@code -Dkeepalive.docs=write}, and then have to be read.
 */
@ParameterizedClass
@ValueSource(strings = {"http/protobuf", "grpc"})
class GoldenTracesTest {
  private static final Path TRACES = Path.of("src/test/traces");
  private static final Set<FailureKind> ERROR = EnumSet.of(FailureKind.ERROR);

  private final String protocol;
  private final SystemProperties properties = new SystemProperties();
  private final List<String> messages = Collections.synchronizedList(new ArrayList<>());
  private long now = System.nanoTime() - TimeUnit.HOURS.toNanos(1);
  private OtlpReceiver receiver;
  private Telemetry telemetry;
  private Engine engine;
  private Sweep sweep;

  GoldenTracesTest(String protocol) {
    this.protocol = protocol;
  }

  @BeforeEach
  void start() throws IOException {
    receiver = protocol.equals("grpc") ? OtlpReceiver.startGrpc() : OtlpReceiver.start();
    properties.set("otel.exporter.otlp.endpoint", receiver.endpoint());
    properties.set("otel.exporter.otlp.protocol", protocol);
    properties.set("otel.service.name", "shop");
    properties.set("otel.bsp.schedule.delay", "20");
  }

  @AfterEach
  void stop() {
    telemetry.close();
    receiver.close();
    properties.close();
    assertEquals(List.of(), messages);
    Await.threadsGone(TelemetryThread.NAME);
    Await.threadsGone("BatchSpanProcessor");
  }

  @Test
  void aReuseAndWhatCameBefore() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy);
    Object connection = served("orders.internal");
    ms(61_000);
    lease(connection, "GET");
    send(connection, "GET");
    ms(20);
    engine.responding(connection, 200, false, null, null);
    ms(10);
    engine.mayPark(connection, null);
    assertTraces("reuse", 4);
  }

  @Test
  void aNewConnectionCoversItsOpening() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy.maxRequests(1));
    engine.connectTimeoutMillis("https", "orders.internal", 443, 0);
    ms(12);
    Object connection = new Object();
    engine.opened(connection, "test", "https", "orders.internal", 443);
    ms(1);
    send(connection, "POST");
    ms(20);
    engine.responding(connection, 201, false, null, null);
    engine.mayPark(connection, null);
    assertTraces("open", 2);
    Span open = receiver.spans().stream().filter(s -> s.getName().endsWith("open")).findAny().get();
    assertEquals(13_000_000, open.getEndTimeUnixNano() - open.getStartTimeUnixNano());
  }

  @Test
  void aStaleGetIsRetried() throws Exception {
    enforce(SpanChoice.NOTABLE, policy -> policy.nextUpstream(ERROR, false));
    stale("GET", true);
    assertTraces("stale-get-retried", 8);
  }

  @Test
  void aStalePostIsDenied() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy.nextUpstream(ERROR, false).freshPercent(100));
    stale("POST", false);
    assertTraces("stale-post-denied", 5);
  }

  @Test
  void aStalePostIsAllowed() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy.nextUpstream(ERROR, true));
    stale("POST", true);
    assertTraces("stale-post-allowed", 8);
  }

  @Test
  void aRefusedConnection() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy);
    unreached(new ConnectException("Connection refused"));
    assertTraces("reset-connect", 2);
  }

  @Test
  void aFailedHandshake() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy);
    unreached(new SSLHandshakeException("no cipher suites in common"));
    assertTraces("reset-tls", 2);
  }

  @Test
  void aResetWhileTheRequestIsWritten() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy);
    fail("GET", inMethod(new SocketException("Connection reset"), "implWrite"));
    assertTraces("reset-request-head", 3);
  }

  @Test
  void aResetWhileTheBodyIsWritten() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy);
    fail("POST", new IOException("Broken pipe"));
    assertTraces("reset-request-body", 3);
  }

  @Test
  void aResetBeforeTheResponse() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy);
    fail("GET", inMethod(new SocketException("Connection reset"), "implRead"));
    assertTraces("reset-awaiting-response", 3);
  }

  @Test
  void aResetWithinTheHeadOfTheResponse() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy);
    Object connection = opened("orders.internal");
    Object exchange = send(connection, "GET");
    ms(5);
    engine.responseBegun(connection);
    fail(exchange, new EOFException());
    assertTraces("reset-response-head", 3);
  }

  @Test
  void aResetWithinTheBodyOfTheResponse() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy);
    Object connection = opened("orders.internal");
    Object exchange = send(connection, "GET");
    ms(5);
    engine.responding(connection, 200, false, null, null);
    fail(exchange, new EOFException());
    assertTraces("reset-response-body", 3);
  }

  @Test
  void aReadTimeout() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy.nextUpstream(ERROR, false));
    fail("GET", new SocketTimeoutException("Read timed out"));
    assertTraces("read-timeout", 3);
  }

  @Test
  void triesAreUsedUpAtTwoServers() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy.nextUpstream(ERROR, false).tries(2));
    Object exchange = send(opened("a.internal"), "GET");
    assertTrue(fail(exchange, new SocketException("Connection reset")));
    assertFalse(engine.mayReuse(exchange));
    ms(2);
    Object second = opened("b.internal");
    engine.sending(second, exchange, "GET", Attempts.SAMPLED, false);
    assertFalse(fail(exchange, new SocketException("Connection reset")));
    assertTraces("tries-exhausted", 7);
  }

  @Test
  void twoServersOfWhichTheSecondAnswers() throws Exception {
    enforce(SpanChoice.ALL, policy -> policy.nextUpstream(ERROR, false).tries(2));
    Object exchange = send(opened("a.internal"), "GET");
    assertTrue(fail(exchange, new SocketException("Connection reset")));
    ms(2);
    Object second = opened("b.internal");
    engine.sending(second, exchange, "GET", Attempts.SAMPLED, false);
    ms(9);
    engine.responding(second, 200, false, null, null);
    engine.mayPark(second, null);
    assertTraces("two-servers", 6);
  }

  @Test
  void evictions() throws Exception {
    enforce(
        SpanChoice.ALL,
        policy -> policy.idleNanos(TimeUnit.SECONDS.toNanos(60)).maxIdle(2).learn(false));
    Object trimmed = served("orders.internal");
    ms(10);
    Object refused = served("orders.internal");
    ms(10);
    Object left = served("orders.internal");
    sweep.run(now);
    ms(1000);
    engine.closed(left, true);
    ms(60_000);
    assertFalse(engine.mayLease(refused, "GET"));
    Object swept = opened("orders.internal");
    send(swept, "GET");
    ms(1);
    engine.responding(swept, 200, false, null, null);
    engine.mayPark(swept, null);
    ms(60_300);
    sweep.run(now);
    assertFalse(engine.mayLease(trimmed, "GET"));
    assertTraces("evictions", 12);
  }

  @Test
  void ofNotableOnesAnOrdinaryReuseIsNone() throws Exception {
    enforce(SpanChoice.NOTABLE, policy -> policy);
    Object connection = served("orders.internal");
    lease(connection, "GET");
    send(connection, "GET");
    engine.responding(connection, 200, false, null, null);
    engine.mayPark(connection, null);
    engine.closed(connection, true);
    Object other = served("orders.internal");
    engine.closed(other, true);
    assertEquals(4, spans(4).size());
  }

  @Test
  void theSamplerDecidesAboutOurOwnRoots() throws Exception {
    properties.set("otel.traces.sampler", "parentbased_always_off");
    enforce(SpanChoice.ALL, policy -> policy);
    Object own = opened("orders.internal");
    engine.sending(own, new Object(), "PUT", null, false);
    engine.responding(own, 200, false, null, null);
    engine.mayPark(own, null);
    engine.closed(own, true);
    served("orders.internal");
    assertTrue(spans(2).stream().noneMatch(span -> span.getName().contains("PUT")));
  }

  private void enforce(SpanChoice choice, UnaryOperator<Policy.Builder> policy) {
    telemetry = new Telemetry(Switch.AUTO, choice, messages::add);
    telemetry.start();
    ConcurrentMap<String, Library> libraries = new ConcurrentHashMap<>();
    libraries.put("test", new Library("test", connection -> {}));
    Policy built = policy.apply(Policy.builder("orders")).build();
    PolicyTable table = new PolicyTable(built, Collections.emptyList());
    engine = new Engine(table, () -> now, telemetry, libraries, () -> {});
    sweep = new Sweep(engine);
  }

  private void stale(String method, boolean retried) {
    Object connection = served("orders.internal");
    ms(30_000);
    lease(connection, method);
    Object exchange = send(connection, method);
    assertEquals(retried, fail(exchange, new SocketException("Connection reset")));
    engine.closed(connection, true);
    if (retried) {
      ms(1);
      engine.connectTimeoutMillis("http", "orders.internal", 8080, 0);
      ms(4);
      Object fresh = opened("orders.internal");
      engine.sending(fresh, exchange, method, Attempts.SAMPLED, false);
      ms(20);
      engine.responding(fresh, 200, false, null, null);
      engine.mayPark(fresh, null);
    }
  }

  private Object opened(String host) {
    Object connection = new Object();
    engine.opened(connection, "test", "http", host, 8080);
    ms(1);
    return connection;
  }

  /** A parked connection that has carried one request. */
  private Object served(String host) {
    Object connection = opened(host);
    send(connection, "GET");
    ms(5);
    engine.responding(connection, 200, false, null, null);
    ms(1);
    engine.mayPark(connection, null);
    return connection;
  }

  private void lease(Object connection, String method) {
    assertTrue(engine.mayLease(connection, method));
    ms(1);
  }

  private Object send(Object connection, String method) {
    Object exchange = new Object();
    engine.sending(connection, exchange, method, Attempts.SAMPLED, false);
    return exchange;
  }

  private void fail(String method, Throwable cause) {
    Object connection = opened("orders.internal");
    fail(send(connection, method), cause);
  }

  private boolean fail(Object exchange, Throwable cause) {
    ms(3);
    engine.failed(exchange, cause);
    return engine.mayRetry(exchange, true, false);
  }

  private void unreached(Throwable cause) {
    engine.connectTimeoutMillis("https", "orders.internal", 443, 0);
    ms(7);
    engine.unreached(
        new Object(), "test", "https", "orders.internal", 443, "GET", Attempts.SAMPLED, cause);
  }

  private static Throwable inMethod(Throwable cause, String name) {
    StackTraceElement[] trace = {
      new StackTraceElement("sun.nio.ch.NioSocketImpl", name, "NioSocketImpl.java", 1)
    };
    cause.setStackTrace(trace);
    return cause;
  }

  private void ms(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private List<Span> spans(int count) throws InterruptedException {
    receiver.awaitSpans(count, Duration.ofSeconds(20));
    telemetry.close();
    assertEquals(0, telemetry.dropped());
    return receiver.spans();
  }

  private void assertTraces(String name, int count) throws Exception {
    List<Span> spans = spans(count);
    assertEquals(count, spans.size(), receiver.trees());
    assertNested(spans);
    Path file = TRACES.resolve(name + ".txt");
    if ("write".equals(System.getProperty("keepalive.docs"))) {
      Files.createDirectories(TRACES);
      Files.writeString(file, receiver.trees());
    }
    assertEquals(Files.readString(file, StandardCharsets.UTF_8), receiver.trees());
  }

  private static void assertNested(List<Span> spans) {
    for (Span parent : spans) {
      for (Span child : spans) {
        if (child.getParentSpanId().equals(parent.getSpanId())) {
          assertTrue(
              child.getStartTimeUnixNano() >= parent.getStartTimeUnixNano()
                  && child.getEndTimeUnixNano() <= parent.getEndTimeUnixNano(),
              child.getName() + " lies outside " + parent.getName());
        }
      }
    }
  }
}
