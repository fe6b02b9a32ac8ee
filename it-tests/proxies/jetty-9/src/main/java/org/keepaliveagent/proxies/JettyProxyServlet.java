package org.keepaliveagent.proxies;

import org.eclipse.jetty.proxy.AsyncProxyServlet;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;

/** Jetty's transparent AsyncProxyServlet in front of one upstream; {@code PORT}. */
public final class JettyProxyServlet {
  private JettyProxyServlet() {}

  /** Starts it, and says where it listens. */
  public static void main(String[] arguments) throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletHolder proxy = new ServletHolder(new AsyncProxyServlet.Transparent());
    proxy.setInitParameter("proxyTo", "http://127.0.0.1:" + arguments[0]);
    proxy.setAsyncSupported(true);
    ServletContextHandler context = new ServletContextHandler(server, "/");
    context.addServlet(proxy, "/*");
    server.start();
    System.out.println("proxy ready on 127.0.0.1:" + connector.getLocalPort());
  }
}
