package org.keepaliveagent.okhttp;

import java.io.IOException;
import java.util.Map;
import javax.net.ssl.SSLContext;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** One client of two upstreams; a request says with {@code X-To} which of them it is for. */
public final class MixedDriver implements ClientDriver {
  private final OkHttpClient client;
  private final Map<String, String> targets;

  public MixedDriver(String http2, String http1, SSLContext trust) {
    client =
        new OkHttpClient.Builder()
            .sslSocketFactory(trust.getSocketFactory(), new OkHttpDriver.Unasked())
            .build();
    targets = Map.of("http2", http2, "http1", http1);
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    Request request = new Request.Builder().url(targets.get(headers.get("X-To"))).build();
    try (Response response = client.newCall(request).execute()) {
      response.body().string();
      return new Reply(
          response.code(),
          Integer.parseInt(response.header("X-Connection")),
          Integer.parseInt(response.header("X-Request")));
    }
  }

  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }
}
