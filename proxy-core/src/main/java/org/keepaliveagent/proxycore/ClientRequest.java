package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Locale;

/** A request as its client has made it, for the configuration's variables. */
final class ClientRequest {
  private final ClientAddresses connection;
  private final int connectionRequests;
  private final Server server;
  private final RequestTarget target;
  private final String method;
  private final String protocol;
  private final HttpHeaders headers;

  /**
   * @param connectionRequests how many its connection has brought, this one included
   */
  ClientRequest(
      ClientAddresses connection,
      int connectionRequests,
      Server server,
      RequestTarget target,
      HttpRequest request) {
    this.connection = connection;
    this.connectionRequests = connectionRequests;
    this.server = server;
    this.target = target;
    method = request.method().name();
    protocol = request.protocolVersion().text();
    headers = request.headers();
  }

  ClientAddresses connection() {
    return connection;
  }

  String connectionRequests() {
    return String.valueOf(connectionRequests);
  }

  Server server() {
    return server;
  }

  RequestTarget target() {
    return target;
  }

  String args() {
    return target.args() == null ? "" : target.args();
  }

  String method() {
    return method;
  }

  String protocol() {
    return protocol;
  }

  /** The first value of a header, empty when it is absent. */
  String header(String name) {
    return headers.get(name, "");
  }

  /** What the client calls this server, or the server's own name. */
  String host() {
    String host = host(headers);
    return host.isEmpty() ? server.name() : host;
  }

  /** The {@code Host} header without a port, in small letters; empty when it is absent. */
  static String host(HttpHeaders headers) {
    String host = headers.get(HttpHeaderNames.HOST, "").toLowerCase(Locale.ROOT);
    int colon = host.lastIndexOf(':');
    String name = colon < 0 || host.endsWith("]") ? host : host.substring(0, colon);
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }
}
