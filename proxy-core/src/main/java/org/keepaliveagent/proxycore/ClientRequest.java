package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
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
  private final @Nullable String refused;
  private final String firstMethod;
  private String method;
  private final String uri;
  private final String protocol;
  private HttpHeaders headers;

  private @Nullable String proxyHost;
  private @Nullable String proxyPort;
  private @Nullable String id;
  private @Nullable Account account;
  private List<AccessLog> logs;

  /**
   * @param connectionRequests how many its connection has brought, this one included
   * @param refused the request line when it is none, else null
   */
  ClientRequest(
      ClientAddresses connection,
      int connectionRequests,
      Server server,
      RequestTarget target,
      @Nullable String refused,
      HttpRequest request) {
    this.connection = connection;
    this.connectionRequests = connectionRequests;
    this.server = server;
    this.target = target;
    this.refused = refused;
    firstMethod = request.method().name();
    method = firstMethod;
    uri = request.uri();
    protocol = request.protocolVersion().text();
    headers = request.headers();
    logs = server.outer().settings().logs();
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

  @Nullable String path() {
    return refused == null ? target.path() : null;
  }

  /** Path and arguments as the client sent them. */
  @Nullable String rawTarget() {
    return refused == null ? target.raw() : null;
  }

  String method() {
    return method;
  }

  /** Whether not even its first line is that of a request. */
  boolean isRefused() {
    return refused != null;
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  @Nullable String protocol() {
    return refused == null ? protocol : null;
  }

  /** The request line. */
  String line() {
    return refused == null ? firstMethod + " " + uri + " " + protocol : refused;
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

  /** What is counted of it; null when nothing is. */
  @Nullable Account account() {
    return account;
  }

  /** It is counted, and its headers are kept as they are now: on the way they may change. */
  void account(Account kept) {
    account = kept;
    headers = headers.copy();
  }

  /** Where it has a line when it is over. */
  List<AccessLog> logs() {
    return logs;
  }

  void logs(List<AccessLog> wanted) {
    logs = wanted;
  }

  /** A part of its body is on the way to an upstream. */
  void passes(ByteBuf part) {
    if (account != null) {
      account.body(part);
    }
  }

  /** It is going to have no answer: its connection is cut. */
  void unanswered(int reason) {
    if (account != null) {
      account.unanswered(reason);
    }
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
