package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of a client's request makes up the one for the upstream.
 *
 * <p>Where nginx announces a body that it does not pass, for {@code proxy_set_header Content-Length
 * ""} to take back, nothing is announced here: an upstream that waits for it, and takes the next
 * request on the connection for it, is what a proxy must not make.
 *
 * @param method {@code proxy_method}, null for the client's
 * @param headers {@code proxy_pass_request_headers}
 * @param body {@code proxy_pass_request_body}
 */
record RequestShape(@Nullable HttpMethod method, boolean headers, boolean body) {
  private static final List<AsciiString> FRAMING =
      List.of(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderNames.TRANSFER_ENCODING);

  static RequestShape read(Scope scope) throws ConfigException {
    String method = scope.find("proxy_method").map(directive -> directive.arg(0)).orElse("");
    return new RequestShape(
        method.isEmpty() ? null : HttpMethod.valueOf(method),
        scope.flag("proxy_pass_request_headers", true),
        scope.flag("proxy_pass_request_body", true));
  }

  /** The request for the upstream; the client's headers stay as they are when they do not pass. */
  HttpRequest apply(HttpRequest client) {
    HttpRequest request = headers ? client : withoutHeaders(client);
    if (method != null) {
      request.setMethod(method);
    }
    if (!body) {
      request.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
      request.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
    }
    request.headers().remove(HttpHeaderNames.EXPECT); // It is answered here.
    return request;
  }

  private static HttpRequest withoutHeaders(HttpRequest client) {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (AsciiString name : FRAMING) {
      String value = client.headers().get(name);
      if (value != null) {
        headers.set(name, value);
      }
    }
    return new DefaultHttpRequest(client.protocolVersion(), client.method(), client.uri(), headers);
  }
}
