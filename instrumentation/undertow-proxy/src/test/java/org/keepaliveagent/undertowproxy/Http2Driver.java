package org.keepaliveagent.undertowproxy;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The proxy in front of an upstream that it speaks HTTP/2 with, after an upgrade. */
public final class Http2Driver implements ClientDriver {
  private final ConcurrentMap<Integer, AtomicInteger> requests = new ConcurrentHashMap<>();
  private final Undertow upstream;
  private final UndertowDriver proxy;

  public Http2Driver() throws IOException {
    upstream =
        Undertow.builder()
            .setIoThreads(1)
            .setWorkerThreads(1)
            .addHttpListener(0, "127.0.0.1")
            .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
            .setHandler(this::answer)
            .build();
    upstream.start();
    InetSocketAddress at = (InetSocketAddress) upstream.getListenerInfo().get(0).getAddress();
    proxy = new UndertowDriver("http://127.0.0.1:" + at.getPort() + "/", null, 4, 0, true);
  }

  private void answer(HttpServerExchange exchange) {
    AtomicInteger count =
        requests.computeIfAbsent(exchange.getSourceAddress().getPort(), any -> new AtomicInteger());
    exchange
        .getResponseHeaders()
        .put(new HttpString("X-Connection"), String.valueOf(requests.size()))
        .put(new HttpString("X-Request"), String.valueOf(count.incrementAndGet()))
        .put(new HttpString("X-Protocol"), exchange.getProtocol().toString());
    exchange.endExchange();
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    return proxy.send(method, body, headers);
  }

  /** The headers of the last response. */
  public Map<String, String> lastHeaders() {
    return proxy.lastHeaders();
  }

  @Override
  public void close() {
    proxy.close();
    upstream.stop();
  }
}
