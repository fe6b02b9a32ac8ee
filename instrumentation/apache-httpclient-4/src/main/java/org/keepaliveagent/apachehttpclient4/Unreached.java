package org.keepaliveagent.apachehttpclient4;

import java.io.IOException;
import net.bytebuddy.asm.Advice;
import org.apache.http.Header;
import org.apache.http.HttpHost;
import org.apache.http.client.methods.HttpRequestWrapper;
import org.apache.http.client.protocol.HttpClientContext;
import org.apache.http.conn.routing.RouteInfo;
import org.keepaliveagent.hooks.KeepaliveHooks;

/** An attempt of either client has ended without a connection, because none could be made. */
public final class Unreached {
  private Unreached() {}

  /**
   * One attempt of the blocking client, whose connection manager notes why it could not connect.
   */
  public static final class Classic {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) RouteInfo route,
        @Advice.Argument(1) HttpRequestWrapper request,
        @Advice.Argument(2) HttpClientContext context,
        @Advice.Thrown Throwable thrown) {
      if (thrown == null || context.removeAttribute("keepalive.unreached") == null) {
        return;
      }
      HttpHost peer = route.getProxyHost();
      if (peer == null) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      Header parent = request.getFirstHeader("traceparent");
      if (parent == null) {
        parent = request.getFirstHeader("b3");
      }
      String traceparent = parent == null ? null : parent.getValue();
      KeepaliveHooks.unreached(
          request,
          "apache-httpclient-4",
          scheme,
          peer.getHostName(),
          port,
          request.getMethod(),
          traceparent,
          thrown);
    }
  }

  /** The asynchronous client's pool has no connection for an exchange; it may just be full. */
  public static final class Async {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object exchange,
        @Advice.FieldValue("localContext") HttpClientContext context,
        @Advice.Argument(0) Exception cause) {
      Object planned = context.getAttribute(HttpClientContext.HTTP_ROUTE);
      Object prepared = context.getAttribute(HttpClientContext.HTTP_REQUEST);
      if (!(cause instanceof IOException)
          || !(planned instanceof RouteInfo)
          || !(prepared instanceof HttpRequestWrapper)) {
        return;
      }
      RouteInfo route = (RouteInfo) planned;
      HttpRequestWrapper request = (HttpRequestWrapper) prepared;
      HttpHost peer = route.getProxyHost();
      if (peer == null) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      Header parent = request.getFirstHeader("traceparent");
      if (parent == null) {
        parent = request.getFirstHeader("b3");
      }
      String traceparent = parent == null ? null : parent.getValue();
      KeepaliveHooks.unreached(
          exchange,
          "apache-httpclient-4-async",
          scheme,
          peer.getHostName(),
          port,
          request.getMethod(),
          traceparent,
          cause);
    }
  }
}
