package org.keepaliveagent.ittests.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;

/** A backend that counts the spans which it gets by OTLP over HTTP, and forgets them. */
final class SpanSink implements AutoCloseable {
  private final HttpServer server;
  private final AtomicLong spans = new AtomicLong();

  private SpanSink(HttpServer server) {
    this.server = server;
  }

  static SpanSink start() throws IOException {
    SpanSink sink =
        new SpanSink(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    sink.server.createContext("/v1/traces", sink::receive);
    sink.server.start();
    return sink;
  }

  /** The value for {@code OTEL_EXPORTER_OTLP_ENDPOINT}. */
  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  long spans() {
    return spans.get();
  }

  /** Waits, for at most twenty seconds, until there are more than so many. */
  boolean awaitMore(long than) throws InterruptedException {
    for (int i = 0; i < 200 && spans.get() <= than; i++) {
      Thread.sleep(100);
    }
    return spans.get() > than;
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      InputStream body = exchange.getRequestBody();
      ExportTraceServiceRequest request =
          ExportTraceServiceRequest.parseFrom(zipped ? new GZIPInputStream(body) : body);
      for (ResourceSpans resource : request.getResourceSpansList()) {
        for (ScopeSpans scope : resource.getScopeSpansList()) {
          spans.addAndGet(scope.getSpansCount());
        }
      }
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, -1);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
