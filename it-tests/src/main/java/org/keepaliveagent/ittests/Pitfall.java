package org.keepaliveagent.ittests;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.ittests.FickleOrigin.Habit;

/**
 * The pitfalls that the agent's findings are about, each brought about with the JDK's client in a
 * JVM under the agent: {@code it-tests/pitfalls KF04}.
 */
enum Pitfall {
  KF01("", Habit.CLOSES) {
    @Override
    void provoke(Client client) throws Exception {
      client.requests(30);
    }
  },
  KF02("defaults: {keepalive: 2}", Habit.SLOW) {
    @Override
    void provoke(Client client) throws Exception {
      for (int i = 0; i < 12; i++) {
        client.atOnce(6);
        Thread.sleep(100);
      }
    }
  },
  KF03("defaults: {keepalive: 100, instances: 4, upstream_max_connections: 300}", Habit.NONE) {
    @Override
    void provoke(Client client) throws Exception {
      client.requests(1);
    }
  },
  KF04("defaults: {keepalive_timeout: 60s}", Habit.ADVERTISES) {
    @Override
    void provoke(Client client) throws Exception {
      client.requests(1);
    }
  },
  KF05("defaults: {keepalive_time: 2s}", Habit.ADVERTISES) {
    @Override
    void provoke(Client client) throws Exception {
      client.requests(1);
    }
  },
  KF06("", Habit.RESETS) {
    @Override
    void provoke(Client client) throws Exception {
      client.request("POST");
      client.request("POST");
    }
  },
  KF07("defaults: {next_upstream: [error, non_idempotent]}", Habit.RESETS) {
    @Override
    void provoke(Client client) throws Exception {
      client.request("POST");
      client.request("POST");
    }
  },
  KF08("", Habit.CLOSES) {
    @Override
    boolean secure() {
      return true;
    }

    /** A client of its own for each request resumes nothing. */
    @Override
    void provoke(Client client) throws Exception {
      for (int i = 0; i < 12; i++) {
        client.renew();
        client.requests(1);
      }
    }
  },
  KF09("", Habit.SILENT) {
    @Override
    void provoke(Client client) throws Exception {
      client.atOnce(6);
      client.requests(3);
    }
  },
  KF10("", Habit.NONE) {
    @Override
    void provoke(Client client) throws Exception {
      client.requests(1100);
    }
  };

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final String policy;
  private final Habit habit;

  Pitfall(String policy, Habit habit) {
    this.policy = policy;
    this.habit = habit;
  }

  abstract void provoke(Client client) throws Exception;

  boolean secure() {
    return false;
  }

  /** The policy under which it shows, as YAML. */
  String policy() {
    return policy + "\n";
  }

  /**
   * In a JVM under the agent: provokes one pitfall, and waits until the agent has found it.
   *
   * @param arguments the pitfall's id; for a secure one, a key store with the password {@code
   *     changeit}
   */
  public static void main(String[] arguments) throws Exception {
    Pitfall pitfall = valueOf(arguments[0].toUpperCase(Locale.ROOT));
    SSLContext tls = pitfall.secure() ? tls(Path.of(arguments[1])) : null;
    ServerSocket listener =
        tls == null
            ? new ServerSocket(0, 50, InetAddress.getLoopbackAddress())
            : tls.getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    try (FickleOrigin server = new FickleOrigin(listener, pitfall.habit)) {
      String scheme = tls == null ? "http" : "https";
      URI target = URI.create(scheme + "://127.0.0.1:" + server.port() + "/");
      pitfall.provoke(new Client(target, tls == null ? null : () -> tls(Path.of(arguments[1]))));
      System.out.println(found(pitfall));
    }
  }

  private static String found(Pitfall pitfall) throws JMException, InterruptedException {
    ObjectName agent = new ObjectName("org.keepaliveagent:type=KeepaliveAgent");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    String[] findings = {};
    while (System.nanoTime() - deadline < 0) {
      findings =
          (String[]) ManagementFactory.getPlatformMBeanServer().getAttribute(agent, "Findings");
      for (String finding : findings) {
        if (finding.startsWith(pitfall.name())) {
          return finding;
        }
      }
      Thread.sleep(20);
    }
    throw new IllegalStateException("not found; only " + List.of(findings));
  }

  private static SSLContext tls(Path store) throws IOException, GeneralSecurityException {
    char[] password = "changeit".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, password);
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, password);
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(keys);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }

  /** Makes TLS contexts. */
  private interface Tls {
    SSLContext context() throws Exception;
  }

  /** The JDK's client; its failures are part of the pitfalls. */
  static final class Client {
    private final URI target;
    private final @Nullable Tls tls;
    private HttpClient client;

    Client(URI target, @Nullable Tls tls) throws Exception {
      this.target = target;
      this.tls = tls;
      this.client = newClient();
    }

    private HttpClient newClient() throws Exception {
      HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
      if (tls != null) {
        builder.sslContext(tls.context());
      }
      return builder.build();
    }

    void renew() throws Exception {
      client = newClient();
    }

    void requests(int number) throws InterruptedException {
      for (int i = 0; i < number; i++) {
        request("GET");
      }
    }

    void request(String method) throws InterruptedException {
      try {
        client.send(build(method), HttpResponse.BodyHandlers.discarding());
      } catch (IOException e) {
        // what the pitfall does to an application
      }
    }

    void atOnce(int number) {
      List<CompletableFuture<?>> all = new ArrayList<>();
      for (int i = 0; i < number; i++) {
        all.add(client.sendAsync(build("GET"), HttpResponse.BodyHandlers.discarding()));
      }
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    }

    private HttpRequest build(String method) {
      return HttpRequest.newBuilder(target)
          .timeout(Duration.ofMillis(500))
          .method(
              method,
              method.equals("GET")
                  ? HttpRequest.BodyPublishers.noBody()
                  : HttpRequest.BodyPublishers.ofString("x"))
          .build();
    }
  }
}
