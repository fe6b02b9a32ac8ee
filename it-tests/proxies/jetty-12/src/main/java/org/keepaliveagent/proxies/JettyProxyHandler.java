package org.keepaliveagent.proxies;

import org.eclipse.jetty.proxy.ProxyHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** Jetty's ProxyHandler.Reverse in front of one upstream; {@code PORT}. */
public final class JettyProxyHandler {
  private JettyProxyHandler() {}

  /** Starts it, and says where it listens. */
  public static void main(String[] arguments) throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(
        new ProxyHandler.Reverse("http://[^/]+/(.*)", "http://127.0.0.1:" + arguments[0] + "/$1"));
    server.start();
    System.out.println("proxy ready on 127.0.0.1:" + connector.getLocalPort());
  }
}
