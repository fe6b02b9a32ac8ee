package org.keepaliveagent.reactornetty;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;
import org.reactivestreams.Publisher;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** The HTTP client with a pool of its own, waited for until the pool has the connection back. */
public final class ReactorNettyDriver implements ClientDriver {
  private static final AttributeKey<CountDownLatch> OVER = AttributeKey.valueOf("driver.over");

  private final ConnectionProvider pool;
  private final LoopResources loops;
  private final HttpClient client;

  @SuppressWarnings("deprecation") // of an SSLContext there is no other way to make one
  public ReactorNettyDriver(String url, @Nullable SSLContext trust) {
    pool = ConnectionProvider.builder("driver").maxConnections(POOL).build();
    loops = LoopResources.create("driver", 4, true);
    HttpClient plain =
        HttpClient.create(pool)
            .runOn(loops, false)
            .observe(ReactorNettyDriver::observed)
            // The JDK's, which reads the file of hosts that the kit has.
            .resolver(DefaultAddressResolverGroup.INSTANCE)
            // The JDK's, which reads the file of hosts that the kit has.
            .resolver(DefaultAddressResolverGroup.INSTANCE)
            .baseUrl(url)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, READ_TIMEOUT)
            .responseTimeout(Duration.ofMillis(READ_TIMEOUT));
    if (trust == null) {
      client = plain;
    } else {
      SslContext tls = new JdkSslContext(trust, true, ClientAuth.NONE);
      client =
          plain.secure(
              spec -> spec.sslContext(tls).handshakeTimeout(Duration.ofMillis(READ_TIMEOUT)));
    }
  }

  @Override
  public Reply send(String method, @Nullable String body, Map<String, String> headers)
      throws IOException {
    return send(
        method,
        body == null ? null : Mono.fromSupplier(() -> Unpooled.copiedBuffer(body, US_ASCII)),
        body == null ? 0 : body.length(),
        headers);
  }

  @Override
  public Reply sendOnce(String method, String body, Map<String, String> headers)
      throws IOException {
    return send(
        method,
        Flux.fromStream(body.chars().mapToObj(c -> Unpooled.copiedBuffer(new byte[] {(byte) c}))),
        body.length(),
        headers);
  }

  private Reply send(
      String method,
      @Nullable Publisher<? extends ByteBuf> body,
      int length,
      Map<String, String> headers)
      throws IOException {
    CountDownLatch over = new CountDownLatch(1);
    HttpClient.RequestSender request =
        client
            .headers(
                out -> {
                  headers.forEach(out::set);
                  if (body != null) {
                    out.set("Content-Length", length);
                  }
                })
            .request(HttpMethod.valueOf(method))
            .uri("/");
    HttpClient.ResponseReceiver<?> receiver = body == null ? request : request.send(body);
    try {
      Reply reply =
          receiver
              .responseConnection(
                  (response, connection) -> {
                    connection.channel().attr(OVER).set(over);
                    return connection
                        .inbound()
                        .receive()
                        .aggregate()
                        .asString()
                        .defaultIfEmpty("")
                        .map(any -> reply(response));
                  })
              .single()
              .block(Duration.ofSeconds(40));
      if (!over.await(5, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the connection was not given back");
      }
      return reply;
    } catch (InterruptedException e) {
      throw new IOException(e);
    } catch (RuntimeException e) {
      Throwable cause = Exceptions.unwrap(e);
      if (cause instanceof IOException io) {
        throw io;
      }
      if (cause instanceof IllegalStateException hangs) {
        throw hangs;
      }
      throw new IOException(cause);
    }
  }

  /** The same for all requests: the library makes a pool for each observer. */
  private static void observed(Connection connection, ConnectionObserver.State state) {
    Channel channel = connection.channel();
    if (state == ConnectionObserver.State.RELEASED
        || (state == ConnectionObserver.State.DISCONNECTING && !channel.isActive())) {
      CountDownLatch over = channel.attr(OVER).getAndSet(null);
      if (over != null) {
        over.countDown();
      }
    }
  }

  private static Reply reply(HttpClientResponse response) {
    return new Reply(
        response.status().code(),
        response.responseHeaders().getInt("X-Connection", 0),
        response.responseHeaders().getInt("X-Request", 0));
  }

  @Override
  public @Nullable String untested(String rule) {
    return switch (rule) {
      case "H2" -> "the library has no way to ask for HTTP/1.0";
      case "L9" -> "the library fixes how many connections a pool may have when it makes it";
      case "R9" -> "the library does not ask whether to send an answered request again";
      case "S2 send" -> "the library has no time-out of writing";
      default -> null;
    };
  }

  @Override
  public void close() {
    pool.disposeLater().block(Duration.ofSeconds(10));
    loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
  }
}
