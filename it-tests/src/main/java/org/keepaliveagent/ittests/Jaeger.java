package org.keepaliveagent.ittests;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** A real Jaeger on loopback, with its storage in memory; ended on close. */
final class Jaeger implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Process process;
  private final int otlp;
  private final int query;
  private final HttpClient client = HttpClient.newHttpClient();

  private Jaeger(Process process, int otlp, int query) {
    this.process = process;
    this.otlp = otlp;
    this.query = query;
  }

  /** Starts it, its log in this folder, and waits until it answers. */
  static Jaeger start(Path binary, Path folder) throws IOException, InterruptedException {
    List<Integer> ports = freePorts(7);
    String[] doors = {
      "collector.otlp.http",
      "query.http-server",
      "collector.otlp.grpc",
      "query.grpc-server",
      "collector.http-server",
      "collector.grpc-server",
      "admin.http"
    };
    List<String> command = new ArrayList<>(List.of(binary.toString()));
    for (int i = 0; i < doors.length; i++) {
      command.add("--" + doors[i] + ".host-port=127.0.0.1:" + ports.get(i));
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(folder.resolve("jaeger.log").toFile());
    builder.environment().put("SPAN_STORAGE_TYPE", "memory");
    builder.environment().keySet().removeIf(name -> name.startsWith("OTEL_"));
    Process process = builder.start();
    ForkedJvm.endWithThisJvm(process);
    Jaeger jaeger = new Jaeger(process, ports.get(0), ports.get(1));
    try {
      jaeger.awaitAnswer();
      return jaeger;
    } catch (Throwable t) {
      jaeger.close();
      throw t;
    }
  }

  /** All held at once, so that they differ. */
  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    try {
      List<Integer> ports = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        ports.add(held.get(i).getLocalPort());
      }
      return ports;
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
  }

  private void awaitAnswer() throws IOException, InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        if (get("/api/services").statusCode() == 200) {
          return;
        }
      } catch (ConnectException notYet) {
        if (!process.isAlive() || System.nanoTime() - until > 0) {
          throw new IOException("Jaeger does not answer", notYet);
        }
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** The value for {@code OTEL_EXPORTER_OTLP_ENDPOINT}. */
  String endpoint() {
    return "http://127.0.0.1:" + otlp;
  }

  /** Where people look. */
  String page() {
    return "http://127.0.0.1:" + query;
  }

  /** The trace, as the query API has it, once it has this many spans. */
  List<Span> awaitTrace(String traceId, int spans) throws IOException, InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    List<Span> found = List.of();
    while (found.size() < spans) {
      if (System.nanoTime() - until > 0) {
        throw new AssertionError("in vain waited for " + spans + " spans, there are " + found);
      }
      HttpResponse<String> answer = get("/api/traces/" + traceId);
      found = answer.statusCode() == 200 ? spans(answer.body()) : List.of();
      TimeUnit.MILLISECONDS.sleep(50);
    }
    return found;
  }

  /** How many traces the search finds: of a service, an operation and a tag. */
  int count(String service, String operation, String tag, String value)
      throws IOException, InterruptedException {
    String tags = "%7B%22" + tag + "%22%3A%22" + value + "%22%7D";
    String search =
        "/api/traces?limit=100&service="
            + service
            + "&operation="
            + operation.replace(" ", "%20")
            + "&tags="
            + tags;
    return list(member(json(get(search).body()), "data")).size();
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(page() + path)).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** JSON is YAML. */
  private static Object json(String text) {
    return new Load(LoadSettings.builder().build()).loadFromString(text);
  }

  private static List<Span> spans(String answer) {
    List<Span> spans = new ArrayList<>();
    for (Object trace : list(member(json(answer), "data"))) {
      for (Object span : list(member(trace, "spans"))) {
        spans.add(span(span));
      }
    }
    return spans;
  }

  private static Span span(Object json) {
    Span.Builder span =
        Span.newBuilder()
            .setName((String) member(json, "operationName"))
            .setSpanId(id(member(json, "spanID")))
            .setStartTimeUnixNano(((Number) member(json, "startTime")).longValue() * 1000);
    for (Object reference : list(member(json, "references"))) {
      ByteString to = id(member(reference, "spanID"));
      if ("CHILD_OF".equals(member(reference, "refType"))) {
        span.setParentSpanId(to);
      } else {
        span.addLinks(Span.Link.newBuilder().setSpanId(to));
      }
    }
    for (Object tag : list(member(json, "tags"))) {
      String key = (String) member(tag, "key");
      Object value = member(tag, "value");
      if (key.equals("span.kind")) {
        span.setKind(Span.SpanKind.valueOf("SPAN_KIND_" + upper(value)));
      } else if (key.equals("error")) {
        span.setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR));
      } else {
        String text = value instanceof Number number ? number.longValue() + "" : value.toString();
        span.addAttributes(
            KeyValue.newBuilder().setKey(key).setValue(AnyValue.newBuilder().setStringValue(text)));
      }
    }
    return span.build();
  }

  private static String upper(Object word) {
    return word.toString().toUpperCase(Locale.ROOT);
  }

  private static ByteString id(Object hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex((String) hex));
  }

  /** A member of an object; an empty list where there is none. */
  private static Object member(Object json, String name) {
    Object member = ((Map<?, ?>) json).get(name);
    return member == null ? List.of() : member;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object json) {
    return json instanceof List ? (List<Object>) json : List.of();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
