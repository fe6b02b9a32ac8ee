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
   * @param lookup what its addresses are found by, null when they are known
   * @param tls how it is asked with {@code https}, null for plain connections
   * @param replaced the start of the path that the location stands for, null for the whole target
   * @param replacement what takes its place on the way to the upstream; null leaves the target
   *     alone
   * @param proxyHost the upstream as it is written, without a port 80
   * @param proxyPort as it is written, or 80
   * @param headers what takes the place of the client's headers
   */
  record Pass(
      Upstream upstream,
      @Nullable Lookup lookup,
      @Nullable UpstreamTls tls,
      @Nullable String replaced,
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
      HttpRequest request = shape.apply(received);
      request.setUri(map(asked.target()));
      request.setProtocolVersion(HttpVersion.HTTP_1_1);
      return headers.apply(request.headers(), asked) ? request : null;
    }

    /** The same way of asking, of another upstream. */
    Pass to(
        Upstream other,
        @Nullable Lookup otherLookup,
        @Nullable UpstreamTls otherTls,
        @Nullable String target,
        String host,
        String port) {
      return new Pass(
          other,
          otherLookup,
          otherTls,
          null,
          target,
          shape,
          requestBuffers,
          responseBuffers,
          connectTimeout,
          sendTimeout,
          readTimeout,
          host,
          port,
          headers);
    }

    /** Of the server that TLS has to lead to; empty without it. */
    String tlsName(ClientRequest request) {
      return tls == null ? "" : tls.name(request, upstream.name());
    }

    private String map(RequestTarget target) {
      if (replacement == null) {
        return target.forUpstream();
      }
      if (replaced == null) {
        return replacement;
      }
      String rest = RequestTarget.encode(target.path().substring(replaced.length()));
      return replacement + rest + target.question();
    }
  }

  /**
   * {@code proxy_pass} with variables: which upstream is asked depends on the request.
   *
   * @param model how it is asked, whatever it is
   */
  record VariablePass(Template url, VariableUpstream upstream, Pass model) implements Action {
    /** The one for this request, null when there is no sense in what the variables make. */
    @Nullable Pass of(ClientRequest request) {
      return upstream.find(url.text(request), model);
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
