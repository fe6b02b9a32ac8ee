package org.keepaliveagent.proxycore;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.Reply;
import org.keepaliveagent.conformance.Subject;

class ProxyCoreConformanceTest extends ConformanceRules {
  ProxyCoreConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    Subject plain = new Subject("proxy-core", "", "this project's", false, Driver::new);
    return Stream.of(plain, plain.overTls());
  }

  /** A client of the proxy in this process; the proxy's 502 is its failure. */
  private static final class Driver implements ClientDriver {
    private final Proxy proxy;

    Driver(String url, @Nullable SSLContext trust) throws IOException {
      // The client would send a failed request again by itself.
      System.setProperty("sun.net.http.retryPost", "false");
      // As nginx, the proxy trusts every upstream unless it is told not to.
      String configuration =
          "worker_processes 1; events {} http { client_max_body_size 0; server { listen 127.0.0.1:0;"
              + (" location / { proxy_pass " + url + "; ")
              + "proxy_ssl_server_name on; "
              + (url.startsWith("https:") && trust == null ? trustingOthers() : "")
              + "} } }";
      try {
        proxy = Proxy.start(ProxyConfig.parse("nginx.conf", configuration));
      } catch (ConfigException e) {
        throw new IOException(e);
      }
    }

    private static String trustingOthers() throws IOException {
      Path file = Files.createTempFile("others", ".pem");
      file.toFile().deleteOnExit();
      try {
        KeyStore none = null;
        TrustManagerFactory platform = TrustManagerFactory.getInstance("PKIX");
        platform.init(none);
        X509TrustManager trusted = (X509TrustManager) platform.getTrustManagers()[0];
        byte[] other = trusted.getAcceptedIssuers()[0].getEncoded();
        Files.writeString(
            file,
            "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(other)
                + "\n-----END CERTIFICATE-----\n");
      } catch (GeneralSecurityException e) {
        throw new IOException(e);
      }
      return "proxy_ssl_verify on; proxy_ssl_trusted_certificate " + file + "; ";
    }

    @Override
    public Reply send(String method, String body, Map<String, String> headers) throws IOException {
      int port = proxy.addresses().get(0).getPort();
      HttpURLConnection connection =
          (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/").toURL().openConnection();
      connection.setRequestMethod(method);
      connection.setReadTimeout(READ_TIMEOUT);
      headers.forEach(connection::setRequestProperty);
      if (body != null) {
        connection.setDoOutput(true);
        connection.getOutputStream().write(body.getBytes(StandardCharsets.US_ASCII));
      }
      int status = connection.getResponseCode();
      try (InputStream in =
          status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        if (in.readAllBytes().length < connection.getContentLength()) {
          throw new EOFException("the body ended early");
        }
      }
      if (status >= 500 && connection.getHeaderField("X-Connection") == null) {
        throw new IOException("the proxy answered " + status);
      }
      return new Reply(
          status,
          connection.getHeaderFieldInt("X-Connection", 0),
          connection.getHeaderFieldInt("X-Request", 0));
    }

    @Override
    public String untested(String rule) {
      return switch (rule) {
        case "H2" -> "the proxy has no way to ask for HTTP/1.0";
        case "R6" -> "the proxy keeps every body until it is answered";
        case "L9" -> "over max_conns the proxy answers at once, as nginx does";
        default -> null;
      };
    }

    @Override
    public @Nullable String sharesPool() {
      return null;
    }

    @Override
    public void close() {
      proxy.stop(Duration.ofSeconds(5));
    }
  }
}
