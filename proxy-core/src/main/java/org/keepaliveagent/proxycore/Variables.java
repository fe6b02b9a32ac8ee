package org.keepaliveagent.proxycore;

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The variables of a configuration, by name; one without a value is empty. */
final class Variables {
  private static final String HTTP = "http_";
  private static final String ARG = "arg_";

  private static final Map<String, Function<ClientRequest, String>> BY_NAME =
      Map.ofEntries(
          Map.entry("args", ClientRequest::args),
          Map.entry("query_string", ClientRequest::args),
          Map.entry("is_args", request -> request.args().isEmpty() ? "" : "?"),
          Map.entry("uri", request -> request.target().path()),
          Map.entry("document_uri", request -> request.target().path()),
          Map.entry("request_uri", request -> request.target().raw()),
          Map.entry("request_method", ClientRequest::method),
          Map.entry("server_protocol", ClientRequest::protocol),
          Map.entry(
              "request",
              request ->
                  request.method() + " " + request.target().raw() + " " + request.protocol()),
          Map.entry("scheme", request -> "http"),
          Map.entry("host", ClientRequest::host),
          Map.entry("server_name", request -> request.server().name()),
          Map.entry("remote_addr", request -> request.connection().remoteAddress()),
          Map.entry("remote_port", request -> request.connection().remotePort()),
          Map.entry("server_addr", request -> request.connection().localAddress()),
          Map.entry("server_port", request -> request.connection().localPort()),
          Map.entry("connection", request -> request.connection().number()),
          Map.entry("connection_requests", ClientRequest::connectionRequests),
          Map.entry("content_length", request -> request.header("content-length")),
          Map.entry("content_type", request -> request.header("content-type")));

  private Variables() {}

  /** The values of a variable; null when there is none of this name. */
  static @Nullable Function<ClientRequest, String> find(String name) {
    if (name.startsWith(HTTP)) {
      String header = name.substring(HTTP.length()).replace('_', '-').toLowerCase(Locale.ROOT);
      return request -> request.header(header);
    }
    if (name.startsWith(ARG)) {
      String argument = name.substring(ARG.length());
      return request -> argument(request.args(), argument);
    }
    return BY_NAME.get(name);
  }

  private static String argument(String args, String name) {
    for (String argument : args.split("&", -1)) {
      int equals = argument.indexOf('=');
      if (equals >= 0 && argument.substring(0, equals).equalsIgnoreCase(name)) {
        return argument.substring(equals + 1);
      }
    }
    return "";
  }
}
