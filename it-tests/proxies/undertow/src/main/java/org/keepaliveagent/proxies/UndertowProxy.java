package org.keepaliveagent.proxies;

import io.undertow.Undertow;
import io.undertow.server.handlers.proxy.LoadBalancingProxyClient;
import io.undertow.server.handlers.proxy.ProxyHandler;
import java.net.InetSocketAddress;
import java.net.URI;

/**
 * Undertow in front of its upstreams, with as many connections as its example of a reverse proxy
 * has; {@code IO_THREADS PORT...}.
 */
public final class UndertowProxy {
  private UndertowProxy() {}

  /** Starts it, and says where it listens. */
  public static void main(String[] arguments) {
    LoadBalancingProxyClient client = new LoadBalancingProxyClient().setConnectionsPerThread(20);
    for (int i = 1; i < arguments.length; i++) {
      client.addHost(URI.create("http://127.0.0.1:" + arguments[i]));
    }
    Undertow server =
        Undertow.builder()
            .setIoThreads(Integer.parseInt(arguments[0]))
            .addHttpListener(0, "127.0.0.1")
            .setHandler(ProxyHandler.builder().setProxyClient(client).build())
            .build();
    server.start();
    InetSocketAddress at = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
    System.out.println("proxy ready on 127.0.0.1:" + at.getPort());
  }
}
