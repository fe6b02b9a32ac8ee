package org.keepaliveagent.reactornetty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.resolver.DefaultAddressResolverGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** A client of Reactor Netty with a pool and threads of its own, used blockingly. */
public final class ReactorNettyDriver implements ClientDriver {
  private final ConnectionProvider pool = ConnectionProvider.create("rules", POOL);
  private final LoopResources loops = LoopResources.create("rules", 2, true);
  private final HttpClient client;

  public ReactorNettyDriver(String url, SSLContext trust) {
    HttpClient plain =
        HttpClient.create(pool)
            .runOn(loops, false)
            .resolver(DefaultAddressResolverGroup.INSTANCE)
            .responseTimeout(Duration.ofMillis(READ_TIMEOUT))
            .baseUrl(url);
    if (url.startsWith("https:")) {
      SSLContext context = trust;
      if (context == null) {
        try {
          context = SSLContext.getDefault();
        } catch (java.security.NoSuchAlgorithmException e) {
          throw new IllegalStateException(e);
        }
      }
      JdkSslContext tls =
          new JdkSslContext(
              context,
              true,
              null,
              IdentityCipherSuiteFilter.INSTANCE,
              null,
              ClientAuth.NONE,
              null,
              false);
      client = plain.secure(spec -> spec.sslContext(tls));
    } else {
      client = plain;
    }
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    AtomicReference<Channel> used = new AtomicReference<>();
    HttpClient.RequestSender request =
        client
            .headers(set -> headers.forEach(set::set))
            .headers(set -> setLength(set, body))
            .request(HttpMethod.valueOf(method));
    HttpClient.ResponseReceiver<?> sent =
        body == null
            ? request
            : request.send(
                ByteBufFlux.fromInbound(
                    Mono.fromSupplier(
                        () -> Unpooled.wrappedBuffer(body.getBytes(StandardCharsets.US_ASCII)))));
    try {
      Reply reply =
          sent.responseSingle(
                  (response, content) ->
                      content.asString().defaultIfEmpty("").map(t -> reply(response, used)))
              .block(Duration.ofMillis(2L * READ_TIMEOUT));
      // The caller is told before the pool has the connection back, in the same turn of its loop.
      used.get().eventLoop().submit(() -> {}).sync();
      return reply;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } catch (RuntimeException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof IOException) {
          throw (IOException) cause;
        }
      }
      throw new IOException(e);
    }
  }

  private static void setLength(io.netty.handler.codec.http.HttpHeaders headers, String body) {
    if (body != null) {
      headers.set("Content-Length", body.length());
    }
  }

  private static Reply reply(HttpClientResponse response, AtomicReference<Channel> used) {
    used.set(((Connection) response).channel());
    return new Reply(
        response.status().code(),
        number(response.responseHeaders().get("X-Connection")),
        number(response.responseHeaders().get("X-Request")));
  }

  private static int number(String header) {
    return header == null ? 0 : Integer.parseInt(header);
  }

  @Override
  public String untested(String rule) {
    return switch (rule) {
      case "H2" -> "the client asks for HTTP/1.1, whatever is set";
      case "R9" -> "an answer is with the application before anybody could ask again";
      case "L9" -> "how many connections a pool may have is laid down when it is made";
      case "S1" -> "not carried yet: the socket below a channel is not looked for";
      case "S2 connect", "S2 read", "S2 send" -> "not carried yet: the client's own time-outs hold";
      case "R3", "R6" ->
          "a body is made by the application's own publisher, so none is ever repeated";
      default -> null;
    };
  }

  @Override
  public void close() {
    pool.disposeLater().block(Duration.ofSeconds(20));
    loops.disposeLater(Duration.ZERO, Duration.ofSeconds(20)).block(Duration.ofSeconds(30));
  }
}
