package org.keepaliveagent.ittests.bench;

import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.Timeout;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;

/**
 * The application under the agent: each of its HTTP clients asks the upstream, and one of them a
 * proxy in front of it, in several threads, for some time. Then it says what became of the
 * requests, and waits to be ended.
 */
final class ChaosApplication {
  private static final int THREADS = 4;
  private static final int LONGEST_PAUSE_MILLIS = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int HUNG_SECONDS = 60;
  // Sampled, so that every attempt is exported.
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  /** Sends a request; the id in the answer, or empty where its status is not 200. */
  private interface Client {
    String send(String method, String url, String id) throws Exception;
  }

  /** What became of one client's requests. */
  private static final class Books {
    final AtomicInteger sent = new AtomicInteger();
    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger failed = new AtomicInteger();
    final AtomicInteger wrong = new AtomicInteger();
  }

  private ChaosApplication() {}

  /**
   * Runs.
   *
   * @param arguments the address of the upstream, that of the proxy, seconds, and a seed
   */
  public static void main(String[] arguments) throws InterruptedException {
    String upstream = arguments[0];
    long seed = Long.parseLong(arguments[3]);
    Map<String, Books> books = new LinkedHashMap<>();
    List<Thread> threads = new ArrayList<>();
    Map<String, Client> clients = clients();
    // Not sooner: on a busy machine the clients take their time.
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[2]));
    clients.forEach(
        (name, client) -> {
          String url = name.equals("proxy-core") ? arguments[1] : upstream;
          Books own = new Books();
          books.put(name, own);
          for (int i = 0; i < THREADS; i++) {
            String thread = name + "-" + i;
            Random random = new Random(seed + thread.hashCode());
            threads.add(new Thread(() -> ask(client, url, thread, random, end, own), thread));
          }
        });
    System.out.println("started");
    threads.forEach(Thread::start);
    long deadline = end + TimeUnit.SECONDS.toNanos(HUNG_SECONDS);
    for (Thread thread : threads) {
      thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
    }
    books.forEach(
        (name, own) ->
            System.out.println(
                String.join(
                    "\t",
                    "books",
                    name,
                    own.sent.toString(),
                    own.answered.toString(),
                    own.failed.toString(),
                    own.wrong.toString())));
    System.out.println("ended");
    TimeUnit.DAYS.sleep(1);
    System.out.println(clients);
  }

  private static void ask(
      Client client, String url, String thread, Random random, long end, Books books) {
    for (int i = 0; System.nanoTime() - end < 0; i++) {
      String method = random.nextBoolean() ? "POST" : "GET";
      String id = method + "-" + thread + "-" + i;
      books.sent.incrementAndGet();
      try {
        String answered = client.send(method, url, id);
        if (answered.equals(id)) {
          books.answered.incrementAndGet();
        } else if (answered.isEmpty()) {
          books.failed.incrementAndGet();
        } else {
          books.wrong.incrementAndGet();
          System.err.println(id + " got the answer of " + answered);
        }
      } catch (Exception reported) {
        books.failed.incrementAndGet();
      }
      try {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_PAUSE_MILLIS));
      } catch (InterruptedException ended) {
        return;
      }
    }
  }

  private static Map<String, Client> clients() {
    Map<String, Client> clients = new LinkedHashMap<>();
    clients.put("java.net.http", javaNetHttp());
    clients.put("HttpURLConnection", ChaosApplication::httpUrlConnection);
    clients.put("HttpClient 5", httpClient5());
    clients.put("OkHttp", okHttp());
    clients.put("Reactor Netty", reactorNetty());
    clients.put("proxy-core", javaNetHttp());
    return clients;
  }

  private static Client javaNetHttp() {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    return (method, url, id) -> {
      HttpRequest.BodyPublisher body =
          method.equals("GET")
              ? HttpRequest.BodyPublishers.noBody()
              : HttpRequest.BodyPublishers.ofString("hello");
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url))
              .timeout(PATIENCE)
              .header("X-Request-Id", id)
              .header("traceparent", TRACE)
              .method(method, body)
              .build();
      HttpResponse<Void> response = client.send(request, HttpResponse.BodyHandlers.discarding());
      return response.statusCode() != 200
          ? ""
          : response.headers().firstValue("X-Request-Id").orElse("nobody");
    };
  }

  private static String httpUrlConnection(String method, String url, String id) throws Exception {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setConnectTimeout((int) PATIENCE.toMillis());
    connection.setReadTimeout((int) PATIENCE.toMillis());
    connection.setRequestMethod(method);
    connection.setRequestProperty("X-Request-Id", id);
    connection.setRequestProperty("traceparent", TRACE);
    if (method.equals("POST")) {
      connection.setDoOutput(true);
      connection.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
    }
    boolean good = connection.getResponseCode() == 200;
    if (good) {
      connection.getInputStream().readAllBytes();
    }
    return good ? String.valueOf(connection.getHeaderField("X-Request-Id")) : "";
  }

  private static Client httpClient5() {
    Timeout patience = Timeout.of(PATIENCE);
    PoolingHttpClientConnectionManager pool = new PoolingHttpClientConnectionManager();
    pool.setDefaultConnectionConfig(
        ConnectionConfig.custom().setConnectTimeout(patience).setSocketTimeout(patience).build());
    CloseableHttpClient client = HttpClients.custom().setConnectionManager(pool).build();
    return (method, url, id) -> {
      HttpUriRequestBase request = new HttpUriRequestBase(method, URI.create(url));
      request.addHeader("X-Request-Id", id);
      request.addHeader("traceparent", TRACE);
      if (method.equals("POST")) {
        request.setEntity(new StringEntity("hello", ContentType.TEXT_PLAIN));
      }
      return client.execute(
          request,
          response -> {
            response.getEntity().getContent().readAllBytes();
            return response.getCode() == 200
                ? response.getFirstHeader("X-Request-Id").getValue()
                : "";
          });
    };
  }

  private static Client okHttp() {
    OkHttpClient client =
        new OkHttpClient.Builder().connectTimeout(PATIENCE).readTimeout(PATIENCE).build();
    return (method, url, id) -> {
      RequestBody body =
          method.equals("GET")
              ? null
              : RequestBody.create("hello".getBytes(StandardCharsets.US_ASCII));
      Request request =
          new Request.Builder()
              .url(url)
              .header("X-Request-Id", id)
              .header("traceparent", TRACE)
              .method(method, body)
              .build();
      try (Response response = client.newCall(request).execute()) {
        response.body().bytes();
        return response.code() == 200 ? response.header("X-Request-Id", "nobody") : "";
      }
    };
  }

  private static Client reactorNetty() {
    reactor.netty.http.client.HttpClient client =
        reactor.netty.http.client.HttpClient.create().responseTimeout(PATIENCE);
    return (method, url, id) ->
        Objects.requireNonNull(
            client
                .headers(headers -> headers.set("X-Request-Id", id).set("traceparent", TRACE))
                .request(io.netty.handler.codec.http.HttpMethod.valueOf(method))
                .uri(url)
                .send(
                    method.equals("GET")
                        ? Mono.empty()
                        : ByteBufFlux.fromString(Mono.just("hello")))
                .responseSingle(
                    (response, body) ->
                        body.asByteArray()
                            .thenReturn(
                                response.status().code() == 200
                                    ? response.responseHeaders().get("X-Request-Id", "nobody")
                                    : ""))
                .block(PATIENCE.multipliedBy(10)));
  }
}
