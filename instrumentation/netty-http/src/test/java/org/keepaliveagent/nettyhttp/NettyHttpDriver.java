package org.keepaliveagent.nettyhttp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** A client as somebody writes it on bare Netty: a codec, and a stack of idle channels. */
@SuppressWarnings("FutureReturnValueIgnored") // closing tells of its end by channelInactive
public final class NettyHttpDriver implements ClientDriver {
  private static final AttributeKey<CompletableFuture<Reply>> ANSWER =
      AttributeKey.valueOf("driver.answer");

  private static final AttributeKey<ChannelFuture> WRITTEN = AttributeKey.valueOf("driver.written");

  private final Deque<Channel> idle = new ArrayDeque<>();
  private final URI target;
  private final Bootstrap bootstrap;
  private final EventLoopGroup loops;
  private final @Nullable SslContext tls;
  private boolean over;

  @SuppressWarnings("deprecation") // the event loops of 4.1, which 4.2 has too
  public NettyHttpDriver(String url, @Nullable SSLContext trust) throws IOException {
    target = URI.create(url);
    loops = new NioEventLoopGroup(2);
    if (!url.startsWith("https:")) {
      tls = null;
    } else if (trust == null) {
      tls = SslContextBuilder.forClient().build();
    } else {
      tls = new JdkSslContext(trust, true, ClientAuth.NONE);
    }
    bootstrap =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, READ_TIMEOUT)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (tls != null) {
                      channel
                          .pipeline()
                          .addLast(
                              tls.newHandler(channel.alloc(), target.getHost(), target.getPort()));
                    }
                    channel.pipeline().addLast(new HttpClientCodec(), new Answers());
                  }
                });
  }

  @Override
  public Reply send(String method, @Nullable String body, Map<String, String> headers)
      throws IOException {
    return send(HttpVersion.HTTP_1_1, method, body, headers);
  }

  @Override
  public Reply sendHttp10(String method, Map<String, String> headers) throws IOException {
    return send(HttpVersion.HTTP_1_0, method, null, headers);
  }

  private Reply send(
      HttpVersion version, String method, @Nullable String body, Map<String, String> headers)
      throws IOException {
    ByteBuf content = body == null ? Unpooled.EMPTY_BUFFER : Unpooled.copiedBuffer(body, US_ASCII);
    FullHttpRequest request =
        new DefaultFullHttpRequest(version, HttpMethod.valueOf(method), "/", content);
    request.headers().set("Host", target.getAuthority());
    if (body != null) {
      request.headers().set("Content-Length", body.length());
    }
    headers.forEach(request.headers()::set);
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    try {
      Channel pooled = pollIdle();
      while (pooled != null && !sendIfOpen(pooled, request, answer)) {
        pooled = pollIdle();
      }
      if (pooled == null && !sendIfOpen(connect(), request, answer)) {
        throw new IOException("the connection was closed before its first request");
      }
      return answer.get(READ_TIMEOUT, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    } catch (TimeoutException e) {
      throw new IOException(e);
    }
  }

  private @Nullable Channel pollIdle() {
    synchronized (idle) {
      return idle.pollLast();
    }
  }

  /** On the channel's event loop: a close that was asked for before has taken place there. */
  private static boolean sendIfOpen(
      Channel channel, FullHttpRequest request, CompletableFuture<Reply> answer)
      throws InterruptedException, ExecutionException {
    return channel
        .eventLoop()
        .submit(
            () -> {
              SslHandler tls = channel.pipeline().get(SslHandler.class);
              if (!channel.isActive() || (tls != null && tls.engine().isOutboundDone())) {
                return false;
              }
              channel.attr(ANSWER).set(answer);
              ChannelPromise written = channel.newPromise();
              channel.attr(WRITTEN).set(written);
              channel.writeAndFlush(request, written);
              written.addListener(
                  over -> {
                    if (!over.isSuccess()) {
                      answer.completeExceptionally(over.cause());
                      channel.close();
                    }
                  });
              return true;
            })
        .get();
  }

  private Channel connect() throws InterruptedException, IOException {
    var connected = bootstrap.connect(target.getHost(), target.getPort()).await();
    if (!connected.isSuccess()) {
      throw new IOException(connected.cause());
    }
    Channel channel = connected.channel();
    SslHandler handshake = channel.pipeline().get(SslHandler.class);
    if (handshake != null && !handshake.handshakeFuture().await().isSuccess()) {
      throw new IOException(handshake.handshakeFuture().cause());
    }
    return channel;
  }

  @Override
  public @Nullable String untested(String rule) {
    return switch (rule) {
      case "L4", "L5" -> "the codec decides no lease; this client asks no more than isActive";
      case "L9" -> "the codec knows no pool, and no limit of one";
      case "R4", "R8 tries", "R9", "R10 siblings", "S2 retry" -> "the codec sends nothing again";
      case "R6" -> "the codec sends nothing again, and no body";
      case "S2 connect", "T1 refused", "T1 handshake" ->
          "the codec is told of a connection with its first request";
      case "S2 read", "S2 send" -> "the codec has no time-outs";
      default -> null;
    };
  }

  @Override
  public void close() {
    synchronized (idle) {
      over = true;
      idle.forEach(Channel::close);
    }
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Completes answers, and takes connections back before the caller hears of it. */
  private final class Answers extends SimpleChannelInboundHandler<HttpObject> {
    private @Nullable HttpResponse head;

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
      Channel channel = context.channel();
      CompletableFuture<Reply> answer = channel.attr(ANSWER).get();
      if (answer == null || part.decoderResult().isFailure()) {
        context.close();
        return;
      }
      if (part instanceof HttpResponse response) {
        head = response;
      }
      HttpResponse of = head;
      if (part instanceof LastHttpContent && of != null && of.status().code() >= 200) {
        HttpHeaders headers = of.headers();
        channel.attr(ANSWER).set(null);
        boolean framed =
            headers.contains("Content-Length") || headers.contains("Transfer-Encoding");
        boolean kept =
            framed
                && channel.attr(WRITTEN).get().isSuccess()
                && of.protocolVersion().isKeepAliveDefault()
                && !headers.containsValue("Connection", "close", true);
        synchronized (idle) {
          if (kept && channel.isActive() && !over) {
            idle.addLast(channel);
          } else {
            context.close();
          }
        }
        answer.complete(
            new Reply(
                of.status().code(),
                headers.getInt("X-Connection", 0),
                headers.getInt("X-Request", 0)));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fail(context.channel(), new IOException("the connection was closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      fail(context.channel(), cause);
      context.close();
    }

    private void fail(Channel channel, Throwable cause) {
      CompletableFuture<Reply> answer = channel.attr(ANSWER).get();
      if (answer != null) {
        answer.completeExceptionally(cause);
      }
    }
  }
}
