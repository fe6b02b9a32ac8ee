package org.keepaliveagent.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * A backend for one test: takes spans by OTLP over HTTP or gRPC on a loopback port and keeps them.
 *
 * <p>Any thread. Whoever uses it from another module needs {@code opentelemetry-proto} in test
 * scope.
 */
public final class OtlpReceiver implements AutoCloseable {
  private final List<ResourceSpans> received = new ArrayList<>();
  private int port;
  private Runnable stop = () -> {};

  private OtlpReceiver() {}

  /** Listens for HTTP on a port that the kernel chooses. */
  public static OtlpReceiver start() throws IOException {
    return start(0);
  }

  /** Listens for HTTP on this port. */
  public static OtlpReceiver start(int port) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    OtlpReceiver receiver = new OtlpReceiver();
    server.createContext("/v1/traces", receiver::receive);
    server.start();
    receiver.port = server.getAddress().getPort();
    receiver.stop = () -> server.stop(0);
    return receiver;
  }

  /** Listens for gRPC; in this module only, since it needs more libraries. */
  static OtlpReceiver startGrpc() throws IOException {
    OtlpReceiver receiver = new OtlpReceiver();
    OtlpGrpcServer server = new OtlpGrpcServer(receiver::keep);
    receiver.port = server.port();
    receiver.stop = server::close;
    return receiver;
  }

  /** The value for {@code OTEL_EXPORTER_OTLP_ENDPOINT}. */
  public String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  /** What was received, with resources and scopes. */
  public synchronized List<ResourceSpans> received() {
    return new ArrayList<>(received);
  }

  /** All spans so far, in the order of their arrival. */
  public List<Span> spans() {
    return received().stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  /** Waits until this many spans have come in all; fails with a drawing of those that have. */
  public synchronized List<Span> awaitSpans(int count, Duration atMost)
      throws InterruptedException {
    long until = System.nanoTime() + atMost.toNanos();
    while (spans().size() < count) {
      long millis = (until - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new AssertionError("waited for " + count + " spans, received:\n" + trees());
      }
      wait(millis);
    }
    return spans();
  }

  /** One trace, drawn; see {@link TraceTree}. */
  public String tree(String traceId) {
    return TraceTree.draw(
        spans().stream().filter(span -> TraceTree.hex(span.getTraceId()).equals(traceId)).toList());
  }

  /** All traces, drawn. */
  public String trees() {
    return TraceTree.draw(spans());
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      InputStream body = exchange.getRequestBody();
      keep(ExportTraceServiceRequest.parseFrom(zipped ? new GZIPInputStream(body) : body));
      byte[] answer = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private synchronized void keep(ExportTraceServiceRequest request) {
    received.addAll(request.getResourceSpansList());
    notifyAll();
  }

  /** Closes the port and every connection; what was received stays. */
  @Override
  public void close() {
    stop.run();
  }
}
