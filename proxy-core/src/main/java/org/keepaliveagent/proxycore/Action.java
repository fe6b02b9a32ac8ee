package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is done with a request. */
sealed interface Action {

  /**
   * {@code proxy_pass}: an upstream is asked, and how long that may take.
   *
   * @param replaced the start of the path that the location stands for
   * @param replacement what takes its place on the way to the upstream; null leaves the target
   *     alone
   */
  record Pass(
      Upstream upstream,
      String replaced,
      @Nullable String replacement,
      Duration connectTimeout,
      Duration readTimeout)
      implements Action {

    /** Makes of the client's request the one for the upstream: an HTTP/1.1 request. */
    void prepare(HttpRequest request, RequestTarget target) {
      request.setUri(map(target));
      request.setProtocolVersion(HttpVersion.HTTP_1_1);
      if (!request.headers().contains(HttpHeaderNames.HOST)) {
        request.headers().set(HttpHeaderNames.HOST, upstream.name());
      }
    }

    private String map(RequestTarget target) {
      if (replacement == null) {
        return target.raw();
      }
      String rest = RequestTarget.encode(target.path().substring(replaced.length()));
      return replacement + rest + (target.args() == null ? "" : "?" + target.args());
    }
  }

  /**
   * {@code return}: an answer from here.
   *
   * @param status {@value #NO_ANSWER} closes the connection without one
   * @param text the body, or the target of a redirection; null for none
   */
  record Return(int status, @Nullable Template text) implements Action {
    static final int NO_ANSWER = 444;
  }
}
