package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** The small HTML page that stands in for an upstream's response. */
final class ErrorPage {
  private ErrorPage() {}

  static FullHttpResponse of(HttpResponseStatus status) {
    String html =
        "<html>\r\n<head><title>%1$s</title></head>\r\n<body>\r\n<center><h1>%1$s</h1></center>\r\n<hr><center>proxy-core</center>\r\n</body>\r\n</html>\r\n"
            .formatted(status);
    ByteBuf body = Unpooled.copiedBuffer(html, StandardCharsets.US_ASCII);
    FullHttpResponse page = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    page.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/html");
    page.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    return page;
  }
}
