package org.keepaliveagent.hooks;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketImpl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A client and its upstream, both ends of one TLS connection. */
final class TlsPair implements AutoCloseable {
  /** How a client came by its socket, and whether it knows the one below. */
  enum Make {
    LAYERED,
    LAYERED_OVER_UNKNOWN,
    DIRECT
  }

  static final int SO_TIMEOUT = 7_000;

  /** Null where the client does not know it. */
  final @Nullable Socket raw;

  final SSLSocket socket;
  final Socket peerRaw;
  final SSLSocket peer;

  /**
   * Connects through {@code port} and ends what arrives at {@code listener}.
   *
   * @param handshaken called when the client has finished its handshake; until then the peer may
   *     not have
   */
  TlsPair(
      SSLContext context,
      String protocol,
      Make make,
      int port,
      ServerSocket listener,
      Runnable handshaken)
      throws Exception {
    String host = listener.getInetAddress().getHostAddress();
    if (make == Make.DIRECT) {
      raw = null;
      socket = (SSLSocket) context.getSocketFactory().createSocket(host, port);
    } else {
      Socket below = new Socket(host, port);
      raw = make == Make.LAYERED ? below : null;
      socket = (SSLSocket) context.getSocketFactory().createSocket(below, host, port, true);
    }
    socket.setSoTimeout(SO_TIMEOUT);
    socket.setTcpNoDelay(true);
    socket.setEnabledProtocols(new String[] {protocol});
    peerRaw = listener.accept();
    peerRaw.setTcpNoDelay(true);
    peer =
        (SSLSocket) context.getSocketFactory().createSocket(peerRaw, host, peerRaw.getPort(), true);
    peer.setUseClientMode(false);
    CompletableFuture<Void> client = handshake(socket);
    CompletableFuture<Void> server = handshake(peer);
    get(client);
    handshaken.run();
    get(server);
  }

  private static CompletableFuture<Void> handshake(SSLSocket socket) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            socket.startHandshake();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        task -> new Thread(task, "handshake").start());
  }

  private static void get(CompletableFuture<Void> done)
      throws InterruptedException, ExecutionException, TimeoutException {
    done.get(20, SECONDS);
  }

  /** An engine that does nothing; without one nobody looks. */
  static void standIn() {
    KeepaliveHooks.engine(
        (KeepaliveEngine)
            Proxy.newProxyInstance(
                KeepaliveEngine.class.getClassLoader(),
                new Class<?>[] {KeepaliveEngine.class},
                (proxy, method, arguments) -> null));
  }

  /** As an adapter would ask. */
  boolean isQuiet() {
    return KeepaliveSocket.isQuiet(raw, socket);
  }

  /** One byte there, one back. */
  void exchange() throws IOException {
    socket.getOutputStream().write('?');
    assertEquals('?', peer.getInputStream().read());
    peer.getOutputStream().write('!');
    assertEquals('!', socket.getInputStream().read());
  }

  /** Whether bytes wait in the client's kernel. */
  boolean hasArrived() {
    try {
      Field self = Class.forName("sun.security.ssl.BaseSSLSocketImpl").getDeclaredField("self");
      self.setAccessible(true);
      Field impl = Socket.class.getDeclaredField("impl");
      impl.setAccessible(true);
      Method available = SocketImpl.class.getDeclaredMethod("available");
      available.setAccessible(true);
      return (int) available.invoke(impl.get(self.get(socket))) > 0;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("this JDK has moved them", e);
    }
  }

  static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long deadline = System.nanoTime() + SECONDS.toNanos(10);
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "waited in vain until " + what);
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() throws IOException {
    peerRaw.close();
    socket.close();
  }

  /** Both ends' keys, made for this run. */
  static SSLContext context(Path folder) throws Exception {
    Path file = folder.resolve("keys.p12");
    char[] password = "changeit".toCharArray();
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=upstream",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(password),
                "-keystore",
                file.toString())
            .inheritIO()
            .start();
    assertTrue(keytool.waitFor(60, SECONDS), "keytool hangs");
    assertEquals(0, keytool.exitValue(), "keytool");
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, password);
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
    own.init(keys, password);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    String alias = keys.aliases().nextElement();
    trusted.setCertificateEntry(alias, keys.getCertificate(alias));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }
}
