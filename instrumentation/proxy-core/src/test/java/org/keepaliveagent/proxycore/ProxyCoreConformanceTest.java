package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.Reply;
import org.keepaliveagent.conformance.ScriptedUpstream;

class ProxyCoreConformanceTest extends ConformanceRules {
  @Override
  protected ClientDriver newClient(ScriptedUpstream upstream) throws IOException {
    return new Driver(upstream.port());
  }

  /** A client of the proxy in this process; the proxy's 502 is its failure. */
  private static final class Driver implements ClientDriver {
    private final Proxy proxy;

    Driver(int port) throws IOException {
      // The client would send a failed request again by itself.
      System.setProperty("sun.net.http.retryPost", "false");
      String configuration =
          "worker_processes 1; events {} http { server { listen 127.0.0.1:0;"
              + (" location / { proxy_pass http://127.0.0.1:" + port + "; } } }");
      try {
        proxy = Proxy.start(ProxyConfig.parse("nginx.conf", configuration));
      } catch (ConfigException e) {
        throw new IOException(e);
      }
    }

    @Override
    public Reply send(String method, String body, Map<String, String> headers) throws IOException {
      int port = proxy.addresses().get(0).getPort();
      HttpURLConnection connection =
          (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/").toURL().openConnection();
      connection.setRequestMethod(method);
      connection.setReadTimeout(20_000);
      headers.forEach(connection::setRequestProperty);
      if (body != null) {
        connection.setDoOutput(true);
        connection.getOutputStream().write(body.getBytes(StandardCharsets.US_ASCII));
      }
      int status = connection.getResponseCode();
      try (InputStream in =
          status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        in.readAllBytes();
      }
      if (status >= 500) {
        throw new IOException("the proxy answered " + status);
      }
      return new Reply(
          status,
          connection.getHeaderFieldInt("X-Connection", 0),
          connection.getHeaderFieldInt("X-Request", 0));
    }

    @Override
    public String untested(String rule) {
      return rule.equals("R5 part of a head")
          ? "the proxy sees a response when its head is whole, and tries again before that"
          : null;
    }

    @Override
    public void close() {
      proxy.stop(Duration.ofSeconds(5));
    }
  }
}
