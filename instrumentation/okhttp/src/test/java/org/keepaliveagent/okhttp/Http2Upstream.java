package org.keepaliveagent.okhttp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.Message;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.impl.bootstrap.HttpAsyncServer;
import org.apache.hc.core5.http.nio.AsyncRequestConsumer;
import org.apache.hc.core5.http.nio.AsyncServerRequestHandler;
import org.apache.hc.core5.http.nio.entity.DiscardingEntityConsumer;
import org.apache.hc.core5.http.nio.support.AsyncResponseBuilder;
import org.apache.hc.core5.http.nio.support.BasicRequestConsumer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.http2.impl.nio.bootstrap.H2ServerBootstrap;
import org.apache.hc.core5.http2.ssl.H2ServerTlsStrategy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.ListenerEndpoint;

/**
 * An upstream that speaks HTTP/2 over TLS, and says in its answers which port the client's
 * connection comes from. It answers when as many requests wait as it was told.
 */
final class Http2Upstream implements AutoCloseable {
  private final List<Runnable> waiting = new ArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final HttpAsyncServer server;
  private final int port;
  private volatile int together = 1;

  Http2Upstream(SSLContext context) throws Exception {
    server =
        H2ServerBootstrap.bootstrap()
            .setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_2)
            .setTlsStrategy(new H2ServerTlsStrategy(context))
            .register("*", new Answer())
            .create();
    server.start();
    ListenerEndpoint listener =
        server
            .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), URIScheme.HTTPS)
            .get(10, TimeUnit.SECONDS);
    port = ((InetSocketAddress) listener.getAddress()).getPort();
  }

  String url() {
    return "https://localhost:" + port + "/";
  }

  void together(int count) {
    together = count;
  }

  @Override
  public void close() {
    server.close(CloseMode.IMMEDIATE);
  }

  private final class Answer implements AsyncServerRequestHandler<Message<HttpRequest, Void>> {
    @Override
    public AsyncRequestConsumer<Message<HttpRequest, Void>> prepare(
        HttpRequest request, EntityDetails entity, HttpContext context) {
      return new BasicRequestConsumer<>(
          entity == null ? null : new DiscardingEntityConsumer<Void>());
    }

    @Override
    public void handle(
        Message<HttpRequest, Void> request, ResponseTrigger trigger, HttpContext context) {
      InetSocketAddress peer =
          (InetSocketAddress) HttpCoreContext.cast(context).getEndpointDetails().getRemoteAddress();
      List<Runnable> all = new ArrayList<>();
      synchronized (waiting) {
        waiting.add(() -> answer(trigger, peer.getPort(), context));
        if (waiting.size() >= together) {
          all.addAll(waiting);
          waiting.clear();
        }
      }
      all.forEach(Runnable::run);
    }

    private void answer(ResponseTrigger trigger, int connection, HttpContext context) {
      try {
        trigger.submitResponse(
            AsyncResponseBuilder.create(200)
                .addHeader("X-Connection", Integer.toString(connection))
                .addHeader("X-Request", Integer.toString(requests.incrementAndGet()))
                .setEntity("ok")
                .build(),
            context);
      } catch (HttpException | java.io.IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
