package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What is answered from here: its body is in memory, or a file that is not read yet.
 *
 * @param headers its own ones, without those that every response has
 */
record LocalResponse(int status, HttpHeaders headers, ByteBuf body, @Nullable FileBody file) {

  /**
   * @param contentType empty for none
   * @param text its bytes are the characters up to 255
   */
  static LocalResponse of(int status, String contentType, String text) {
    ByteBuf body = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    HttpHeaders headers = new DefaultHttpHeaders();
    if (!contentType.isEmpty()) {
      headers.set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }
    headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    return new LocalResponse(status, headers, body, null);
  }

  /** The same with another status, and without the headers that this one has none of. */
  LocalResponse as(int newStatus) {
    if (newStatus == 204) {
      headers.remove(HttpHeaderNames.CONTENT_TYPE);
      headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    }
    return new LocalResponse(newStatus, headers, body, file);
  }

  /** The same for a request that gets no body. */
  LocalResponse withoutFile() {
    if (file != null) {
      file.close();
    }
    return new LocalResponse(status, headers, body, null);
  }

  /** For the codec; whole unless there is a file. */
  HttpResponse message() {
    HttpResponseStatus words = StatusText.of(status);
    return file == null
        ? new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, words, body, headers, EmptyHttpHeaders.INSTANCE)
        : new DefaultHttpResponse(HttpVersion.HTTP_1_1, words, headers);
  }

  void release() {
    body.release();
    if (file != null) {
      file.close();
    }
  }

  /**
   * An absolute URI (nginx: {@code absolute_redirect}). Of what a variable has decoded, nothing
   * that could end the header gets into it.
   */
  static String location(String target, ClientRequest request) {
    StringBuilder location = new StringBuilder();
    if (target.startsWith("/")) {
      String port = request.connection().localPort();
      String host = request.host().isEmpty() ? request.connection().localAddress() : request.host();
      boolean tls = request.connection().isTls();
      location.append(tls ? "https://" : "http://").append(host);
      location.append(port.equals(tls ? "443" : "80") ? "" : ":" + port);
    }
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      location.append(
          c > ' ' && c < 0x7f ? String.valueOf(c) : RequestTarget.encode(String.valueOf(c)));
    }
    return location.toString();
  }
}
