package org.keepaliveagent.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.HealthCheck;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.Upstream;

/**
 * One probe of {@code health_check}: a GET on a connection of its own, which passes with a status
 * of 2xx or 3xx, as NGINX Plus has it. The upstream's certificate is not verified, as nginx does
 * not by default: a probe carries nothing that is secret and its answer is only a yes or no.
 *
 * <p>A plain socket, and not one of the JDK's clients: those would bring the application's cookies,
 * proxies and authenticators into the probe, and pass our own hooks.
 */
public final class HealthProbe {
  private static final int LONGEST_MILLIS = 60_000;
  private static final int LONGEST_STATUS_LINE = 200;

  private HealthProbe() {}

  /** Probes once; returns why it failed, or {@code null} when it passed. */
  public static @Nullable String failure(Upstream upstream, HealthCheck check) {
    Policy policy = upstream.policy();
    try (Socket plain = new Socket()) {
      plain.connect(
          new InetSocketAddress(upstream.host(), upstream.port()), millis(policy.connectNanos()));
      plain.setSoTimeout(millis(policy.readNanos()));
      if (!upstream.scheme().equals("https")) {
        return ask(plain, upstream, check.uri());
      }
      try (SSLSocket tls =
          (SSLSocket)
              unverified()
                  .getSocketFactory()
                  .createSocket(plain, upstream.host(), upstream.port(), true)) {
        return ask(tls, upstream, check.uri());
      }
    } catch (IOException | GeneralSecurityException | RuntimeException failed) {
      return failed.toString();
    }
  }

  private static @Nullable String ask(Socket socket, Upstream upstream, String uri)
      throws IOException {
    String origin = upstream.toString();
    String request =
        "GET "
            + uri
            + " HTTP/1.1\r\nHost: "
            + origin.substring(origin.indexOf("://") + 3)
            + "\r\nUser-Agent: keepalive-agent health_check\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    String line = statusLine(socket.getInputStream());
    return line.matches("HTTP/1\\.\\d [23]\\d\\d( .*)?") ? null : "answered \"" + line + "\"";
  }

  private static String statusLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next >= 0 && next != '\r' && next != '\n' && line.length() < LONGEST_STATUS_LINE) {
      line.append(next < ' ' || next > '~' ? '?' : (char) next);
      next = in.read();
    }
    return line.toString();
  }

  private static int millis(long nanos) {
    return (int) Math.max(1, Math.min(LONGEST_MILLIS, nanos / 1_000_000));
  }

  private static SSLContext unverified() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anybody()}, null);
    return context;
  }

  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
