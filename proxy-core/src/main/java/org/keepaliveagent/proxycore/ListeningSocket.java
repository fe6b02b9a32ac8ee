package org.keepaliveagent.proxycore;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An address that is listened on. */
final class ListeningSocket {
  /**
   * Who serves the clients that come by it.
   *
   * @param servers all that have this address
   * @param address as they have it
   * @param bareLf see {@link ProxyConfig}
   * @param accounting what is counted of each request
   */
  record Service(
      List<Server> servers,
      InetSocketAddress address,
      Generation generation,
      boolean bareLf,
      Accounting accounting,
      LogFiles logs) {
    Server server(String host) {
      return Server.find(servers, address, host);
    }

    /** Whether clients have to encrypt here. */
    boolean isTls() {
      for (Server server : servers) {
        if (server.tlsAt().contains(address)) {
          return true;
        }
      }
      return false;
    }

    /** What is shown to a client that wants to speak with a server; null when it names none. */
    private @Nullable SslContext tls(@Nullable String name) {
      SslContext named = name == null ? null : server(name).tls();
      return named == null ? Server.fallback(servers, address).tls() : named;
    }

    private void begin(SocketChannel client) {
      Worker worker = generation.worker(client.eventLoop());
      ClientLog log = accounting.on() ? new ClientLog(logs, accounting.bodies()) : null;
      RequestGuard guard = new RequestGuard(bareLf, log == null ? null : log.requests());
      ChannelPipeline pipeline = client.pipeline();
      if (isTls()) {
        pipeline.addLast(new TlsEntrance(this::tls));
      }
      if (log != null) {
        pipeline.addLast(log.bytes());
      }
      pipeline
          .addLast(guard)
          .addLast(new HttpServerCodec(new HttpDecoderConfig().setStrictLineParsing(!bareLf)));
      if (log != null) {
        pipeline.addLast(log);
      }
      pipeline.addLast(new ClientHandler(client, this, worker, guard, log));
    }
  }

  private final InetSocketAddress configured;
  private final Channel channel;
  private volatile Service service;

  /**
   * Listens.
   *
   * @param configured as in the configuration, perhaps with port 0 for any
   * @throws IOException when it cannot
   */
  ListeningSocket(InetSocketAddress configured, EventLoopGroup loops, Service first)
      throws IOException {
    this.configured = configured;
    this.service = first;
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(Transport.serverSocket())
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    service.begin(client);
                  }
                })
            .bind(configured)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "bind() to %s failed (%s)".formatted(Proxy.text(configured), bound.cause().getMessage()),
          bound.cause());
    }
    channel = bound.channel();
  }

  InetSocketAddress configured() {
    return configured;
  }

  /** With the real port. */
  InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /** From now on new clients are served like this. */
  void serve(Service next) {
    service = next;
  }

  void close() {
    channel.close().awaitUninterruptibly();
  }
}
