package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The variables of a configuration, by name. */
final class Variables {
  private static final Map<String, Variable> BY_NAME =
      Map.ofEntries(
          Map.entry("args", ClientRequest::args),
          Map.entry("query_string", ClientRequest::args),
          Map.entry("is_args", request -> request.args() == null ? "" : "?"),
          Map.entry("uri", ClientRequest::path),
          Map.entry("document_uri", ClientRequest::path),
          Map.entry("request_uri", ClientRequest::rawTarget),
          Map.entry("request_method", request -> request.isRefused() ? null : request.method()),
          Map.entry("request", ClientRequest::line),
          Map.entry("request_id", ClientRequest::id),
          Map.entry("server_protocol", ClientRequest::protocol),
          Map.entry("scheme", request -> request.connection().isTls() ? "https" : "http"),
          Map.entry("https", request -> request.connection().isTls() ? "on" : ""),
          Map.entry("ssl_server_name", tls(ClientTls::serverName)),
          Map.entry("ssl_session_reused", tls(ClientTls::sessionReused)),
          Map.entry("ssl_protocol", tls(ClientTls::protocol)),
          Map.entry("ssl_cipher", tls(ClientTls::cipher)),
          Map.entry("host", ClientRequest::host),
          Map.entry("server_name", request -> request.server().name()),
          Map.entry("remote_addr", request -> request.connection().remoteAddress()),
          Map.entry("remote_port", request -> request.connection().remotePort()),
          Map.entry("remote_user", request -> BasicUser.of(request.header("authorization"))),
          Map.entry("server_addr", request -> request.connection().localAddress()),
          Map.entry("server_port", request -> request.connection().localPort()),
          Map.entry("connection", request -> request.connection().number()),
          Map.entry("connection_requests", ClientRequest::connectionRequests),
          Map.entry("content_length", request -> request.header("content-length")),
          Map.entry("content_type", request -> request.header("content-type")),
          Map.entry("proxy_host", ClientRequest::proxyHost),
          Map.entry("proxy_port", ClientRequest::proxyPort),
          Map.entry("proxy_add_x_forwarded_for", Variables::forwardedFor),
          Map.entry("msec", request -> LogTime.seconds(System.currentTimeMillis())),
          Map.entry("time_local", request -> LogTime.now().local()),
          Map.entry("time_iso8601", request -> LogTime.now().iso8601()),
          Map.entry("pid", request -> ThisProcess.PID),
          Map.entry("hostname", request -> ThisProcess.hostname()),
          Map.entry("nginx_version", request -> ProxyCore.version()),
          Map.entry("http_cookie", Variables::cookies),
          Map.entry(
              "http_x_forwarded_for",
              request -> request.header(AsciiString.cached("x-forwarded-for"), ", ")));

  /** Variables whose names go on with something's name: how they are found for that name. */
  private static final Map<String, Function<String, Variable>> BY_PREFIX =
      Map.of("http_", Variables::header, "arg_", Variables::argument, "cookie_", Variables::cookie);

  private Variables() {}

  /** Null when there is none of this name. */
  static @Nullable Variable find(String name) {
    Variable known = BY_NAME.get(name);
    if (known != null) {
      return known;
    }
    Variable counted = AccountVariables.find(name);
    if (counted != null) {
      return counted;
    }
    for (Map.Entry<String, Function<String, Variable>> kind : BY_PREFIX.entrySet()) {
      String prefix = kind.getKey();
      if (name.startsWith(prefix) && name.length() > prefix.length()) {
        return kind.getValue().apply(name.substring(prefix.length()));
      }
    }
    return null;
  }

  private static Variable tls(Function<ClientTls, String> value) {
    return request -> {
      ClientTls tls = request.connection().tls();
      return tls == null ? null : value.apply(tls);
    };
  }

  private static Variable header(String name) {
    AsciiString header = AccountVariables.header(name);
    return request -> request.header(header);
  }

  private static Variable argument(String name) {
    return request -> named(request.args(), "&", name);
  }

  private static Variable cookie(String name) {
    return request -> named(cookies(request), ";", name);
  }

  private static @Nullable String cookies(ClientRequest request) {
    return request.header(HttpHeaderNames.COOKIE, "; ");
  }

  private static String forwardedFor(ClientRequest request) {
    String before = request.header(AsciiString.cached("x-forwarded-for"), ", ");
    String here = request.connection().remoteAddress();
    return before == null ? here : before + ", " + here;
  }

  private static @Nullable String named(@Nullable String list, String separator, String name) {
    if (list != null) {
      for (String item : list.split(separator, -1)) {
        String stripped = item.strip();
        int equals = stripped.indexOf('=');
        if (equals >= 0 && stripped.substring(0, equals).equalsIgnoreCase(name)) {
          return stripped.substring(equals + 1);
        }
      }
    }
    return null;
  }
}
