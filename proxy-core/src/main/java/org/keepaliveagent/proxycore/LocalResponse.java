package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** What a {@code return} directive answers. */
final class LocalResponse {
  private static final Set<Integer> REDIRECTIONS = Set.of(301, 302, 303, 307, 308);

  private LocalResponse() {}

  static FullHttpResponse of(Action.Return answer, ClientRequest request) {
    HttpResponseStatus status = HttpResponseStatus.valueOf(answer.status());
    String text = answer.text() == null ? "" : answer.text().text(request);
    if (answer.text() != null && REDIRECTIONS.contains(answer.status())) {
      FullHttpResponse page = ErrorPage.of(status);
      page.headers().set(HttpHeaderNames.LOCATION, location(text, request));
      return page;
    }
    if (answer.text() == null && answer.status() >= 300) {
      return ErrorPage.of(status);
    }
    ByteBuf body = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    if (!text.isEmpty()) {
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain");
    }
    return response;
  }

  /**
   * An absolute URI (nginx: {@code absolute_redirect}). Of what a variable has decoded, nothing
   * that could end the header gets into it.
   */
  private static String location(String target, ClientRequest request) {
    StringBuilder location = new StringBuilder();
    if (target.startsWith("/")) {
      String port = request.connection().localPort();
      String host = request.host().isEmpty() ? request.connection().localAddress() : request.host();
      location.append("http://").append(host).append(port.equals("80") ? "" : ":" + port);
    }
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      location.append(
          c > ' ' && c < 0x7f ? String.valueOf(c) : RequestTarget.encode(String.valueOf(c)));
    }
    return location.toString();
  }
}
