package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is done with a request. */
sealed interface Action {

  /**
   * {@code proxy_pass}: an upstream is asked, and how long that may take.
   *
   * @param replaced the start of the path that the location stands for
   * @param replacement what takes its place on the way to the upstream; null leaves the target
   *     alone
   * @param proxyHost the upstream as it is written, without a port 80
   * @param proxyPort as it is written, or 80
   * @param headers what takes the place of the client's headers
   */
  record Pass(
      Upstream upstream,
      String replaced,
      @Nullable String replacement,
      RequestShape shape,
      RequestBuffers requestBuffers,
      ResponseBuffers responseBuffers,
      Duration connectTimeout,
      Duration sendTimeout,
      Duration readTimeout,
      String proxyHost,
      String proxyPort,
      ProxyHeaders headers)
      implements Action {

    /** What is kept of a request's body. */
    RequestBody body(boolean hasBody) {
      boolean whole = hasBody && (requestBuffers.whole() || !shape.body());
      return new RequestBody(requestBuffers, whole, shape.body());
    }

    /**
     * Makes of the client's request the one for the upstream: an HTTP/1.1 request.
     *
     * @return null when it could not be one
     */
    @Nullable HttpRequest prepare(HttpRequest received, ClientRequest asked) {
      asked.passes(proxyHost, proxyPort);
      HttpRequest request = shape.apply(received);
      request.setUri(map(asked.target()));
      request.setProtocolVersion(HttpVersion.HTTP_1_1);
      return headers.apply(request.headers(), asked) ? request : null;
    }

    private String map(RequestTarget target) {
      if (replacement == null) {
        return target.forUpstream();
      }
      String rest = RequestTarget.encode(target.path().substring(replaced.length()));
      return replacement + rest + target.question();
    }
  }

  /**
   * {@code return}: an answer from here.
   *
   * @param status some close the connection without one
   * @param text the body, or the target of a redirection; null for none
   */
  record Return(int status, @Nullable Template text) implements Action {
    /** nginx has these for what it logs of connections that are gone, and for closing them. */
    private static final Set<Integer> NO_ANSWER = Set.of(408, 444, 499);

    boolean isAnswer() {
      return !NO_ANSWER.contains(status);
    }
  }

  /**
   * Nothing else: files are sent.
   *
   * @param root the folder that a path is looked for in
   * @param index the names of files that stand for a folder
   */
  record Files(String root, List<String> index) implements Action {}

  /** {@code stub_status}: how many clients there are and were. */
  record Status() implements Action {}
}
