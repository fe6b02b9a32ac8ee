package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A request as its client has made it, for the configuration's variables. */
final class ClientRequest {
  private final ClientAddresses connection;
  private final int connectionRequests;
  private final Server server;
  private RequestTarget target;
  private String method;
  private final String uri;
  private final String protocol;
  private final HttpHeaders headers;

  private @Nullable String proxyHost;
  private @Nullable String proxyPort;
  private @Nullable String id;

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
    uri = request.uri();
    protocol = request.protocolVersion().text();
    headers = request.headers();
  }

  /** It goes on elsewhere (nginx: an internal redirection). */
  void redirect(RequestTarget newTarget, String newMethod) {
    target = newTarget;
    method = newMethod;
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

  /** Null without arguments, or with empty ones. */
  @Nullable String args() {
    String args = target.args();
    return args == null || args.isEmpty() ? null : args;
  }

  String path() {
    return target.path();
  }

  /** Path and arguments as the client sent them. */
  String rawTarget() {
    return target.raw();
  }

  String method() {
    return method;
  }

  String protocol() {
    return protocol;
  }

  /** The request line. */
  String line() {
    return method + " " + uri + " " + protocol;
  }

  /** The first value of a header, null when it is absent. */
  @Nullable String header(CharSequence name) {
    return headers.get(name);
  }

  /** The same, empty when it is absent. */
  String headerText(CharSequence name) {
    return headers.get(name, "");
  }

  /** All values of a header in one; null when it is absent. */
  @Nullable String header(AsciiString name, String separator) {
    List<String> all = headers.getAll(name);
    return all.isEmpty() ? null : String.join(separator, all);
  }

  /** It is passed on to this host and port, as {@code proxy_pass} has them. */
  void passes(String host, String port) {
    proxyHost = host;
    proxyPort = port;
  }

  @Nullable String proxyHost() {
    return proxyHost;
  }

  @Nullable String proxyPort() {
    return proxyPort;
  }

  /** A number of its own: 32 hexadecimal digits, at random. */
  String id() {
    String known = id;
    if (known == null) {
      known = RequestId.next();
      id = known;
    }
    return known;
  }

  /** What the client calls this server, or the server's own name. */
  String host() {
    String host = host(uri, headers);
    return host.isEmpty() ? server.name() : host;
  }

  /**
   * The host that a request is for, by its target or else by its {@code Host} header: without a
   * port, in small letters; empty when it names none.
   */
  static String host(String uri, HttpHeaders headers) {
    String authority = RequestTarget.authority(uri);
    String host =
        (authority == null ? headers.get(HttpHeaderNames.HOST, "") : authority)
            .toLowerCase(Locale.ROOT);
    int colon = host.lastIndexOf(':');
    String name = colon < 0 || host.endsWith("]") ? host : host.substring(0, colon);
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }
}
