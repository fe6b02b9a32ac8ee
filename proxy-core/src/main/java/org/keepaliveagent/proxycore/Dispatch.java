package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way of one request to what answers it: to a location, and on from there by internal
 * redirections and error pages, as {@code ngx_http_internal_redirect} and {@code
 * ngx_http_special_response_handler} go.
 *
 * <pre>
 * begin → locate → act → answer from here, or an exchange with an upstream
 *            ↑      ↓
 *            └── redirect, error page (also after an exchange has failed)
 * </pre>
 */
final class Dispatch {
  private static final int MAX_REDIRECTS = 10;
  private static final Set<Integer> REDIRECTIONS = Set.of(301, 302, 303, 307, 308);

  /** The client's connection does not outlive these. */
  private static final Set<Integer> CLOSING = Set.of(400, 413, 414, 500, 501);

  private final Turn turn;
  private final Server server;
  private final HttpRequest request;
  private final ClientRequest asked;

  /** A header that an answer from here has, whatever it comes from; empty for none. */
  private CharSequence carriedName = "";

  private String carriedValue = "";

  private Location location;
  private int redirects;
  private boolean onErrorPage;
  private boolean bodyRefused;

  /** The status of the answer, whatever that comes from (nginx: {@code err_status}); 0 for none. */
  private int status;

  /**
   * @param asked the same request
   */
  Dispatch(Turn turn, ClientRequest asked, HttpRequest request) {
    this.turn = turn;
    this.asked = asked;
    this.request = request;
    server = asked.server();
    location = server.outer();
  }

  LocationSettings settings() {
    return location.settings();
  }

  ClientRequest request() {
    return asked;
  }

  void begin() {
    HttpMethod method = request.method();
    if (method.equals(HttpMethod.CONNECT) || method.equals(HttpMethod.TRACE)) {
      turn.isLast();
      error(405);
      return;
    }
    enter();
  }

  private void enter() {
    if (server.answer() == null) {
      locate();
    } else {
      give(server.answer());
    }
  }

  private void locate() {
    String path = asked.target().path();
    location = server.outer().find(path);
    turn.enter(location.settings());
    if (redirects == 0 && settings().internal()) {
      error(404);
    } else if (!onErrorPage && isTooBig(HttpUtil.getContentLength(request, 0L))) {
      refuseBody();
      error(413);
    } else if (location.lacksSlash(path)) {
      moved(RequestTarget.encode(location.text()) + asked.target().question());
    } else {
      act();
    }
  }

  /** What is left of the request's body is no good for an upstream. */
  void refuseBody() {
    bodyRefused = true;
  }

  /** Whether a request may not have a body of this size here. */
  boolean isTooBig(long bytes) {
    long limit = location.settings().maxBodySize();
    return limit > 0 && bytes > limit;
  }

  private void act() {
    if (location.action() instanceof Action.Pass pass) {
      pass(pass);
    } else if (location.action() instanceof Action.VariablePass variable) {
      pass(variable.of(asked));
    } else if (location.action() instanceof Action.Return given) {
      give(given);
    } else if (location.action() instanceof Action.Files files) {
      StaticFiles.serve(this, files, asked);
    } else {
      tellStatus();
    }
  }

  private void tellStatus() {
    if (asked.method().equals("GET") || asked.method().equals("HEAD")) {
      answer(LocalResponse.of(200, "text/plain", turn.worker().counts().text()));
    } else {
      error(405);
    }
  }

  private void pass(Action.@Nullable Pass pass) {
    if (pass == null) {
      error(500);
      return;
    }
    Exchange failed = turn.exchange();
    RequestBody body = failed == null ? null : failed.body().handOver();
    if (bodyRefused || (failed != null && body == null)) {
      page(statusOf(500)); // What is here is not the request that the client has made.
      return;
    }
    asked.passes(pass.proxyHost(), pass.proxyPort());
    String tlsName = pass.tlsName(asked);
    HttpRequest next = pass.prepare(forUpstream(), asked);
    if (next == null) {
      error(400);
      return;
    }
    turn.sayContinue();
    RequestBody own = body == null ? pass.body(turn.hasBody()) : body;
    turn.exchange(new Exchange(turn, pass, tlsName, next, own));
  }

  /** What is made the upstream's request: another one must be possible where that may fail. */
  private HttpRequest forUpstream() {
    return settings().errorPages().isEmpty()
        ? request
        : new DefaultHttpRequest(
            request.protocolVersion(), request.method(), request.uri(), request.headers().copy());
  }

  private void give(Action.Return given) {
    int code = given.status();
    String text = given.text() == null ? "" : given.text().text(asked);
    if (!given.isAnswer()) {
      asked.unanswered(code);
      turn.cut();
    } else if (REDIRECTIONS.contains(code)) {
      error(code, HttpHeaderNames.LOCATION, LocalResponse.location(text, asked));
    } else if (code < 400 || given.text() != null) {
      answer(LocalResponse.of(code, settings().types().of(asked.target().path()), text));
    } else {
      error(code);
    }
  }

  /** The status that an answer has which would have this one by itself. */
  int statusOf(int code) {
    return status == 0 ? code : status;
  }

  /** Gives an upstream's response the status that the answer has, whatever that comes from. */
  void setStatus(HttpResponse head) {
    if (status != 0) {
      head.setStatus(StatusText.of(status));
    }
  }

  /** The path goes on with a slash. */
  void moved(String target) {
    error(301, HttpHeaderNames.LOCATION, LocalResponse.location(target, asked));
  }

  /** Goes on with another path, perhaps in another location. */
  void redirect(String path, @Nullable String args) {
    if (mayRedirect()) {
      asked.redirect(asked.target().redirected(path, args), asked.method());
      enter();
    }
  }

  private boolean mayRedirect() {
    if (redirects++ < MAX_REDIRECTS) {
      return true;
    }
    turn.isLast();
    status = 500;
    page(500);
    return false;
  }

  /** The answer is an error, or what the configuration has in its place. */
  void error(int code) {
    status = code;
    if (CLOSING.contains(code)) {
      turn.isLast();
    }
    boolean first = !onErrorPage;
    onErrorPage = true;
    for (ErrorPageRule rule : settings().errorPages()) {
      if (first && rule.status() == code) {
        follow(rule);
        return;
      }
    }
    page(code);
  }

  /** Also one that belongs to a header; also what stands for it has that. */
  void error(int code, CharSequence header, String value) {
    carriedName = header;
    carriedValue = value;
    error(code);
  }

  private void follow(ErrorPageRule rule) {
    if (rule.response() != ErrorPageRule.SAME) {
      status = rule.response();
    }
    String target = rule.target().text(asked);
    if (target.startsWith("/")) {
      getInstead();
      int mark = target.indexOf('?');
      redirect(
          mark < 0 ? target : target.substring(0, mark),
          mark < 0 ? null : target.substring(mark + 1));
    } else if (target.startsWith("@")) {
      named(target);
    } else {
      status = REDIRECTIONS.contains(rule.response()) ? rule.response() : 302;
      carriedName = HttpHeaderNames.LOCATION;
      carriedValue = LocalResponse.location(target, asked);
      page(status);
    }
  }

  private void getInstead() {
    if (!request.method().equals(HttpMethod.HEAD)) {
      request.setMethod(HttpMethod.GET);
      asked.redirect(asked.target(), HttpMethod.GET.name());
    }
  }

  private void named(String name) {
    Location next = server.named().get(name);
    if (!mayRedirect()) {
      return;
    }
    if (next == null) {
      error(500);
      return;
    }
    location = next;
    turn.enter(location.settings());
    act();
  }

  private void page(int code) {
    String page = ErrorPage.of(code, ResponseHeaders.server(settings().serverTokens()));
    answer(LocalResponse.of(code, page.isEmpty() ? "" : "text/html", page));
  }

  /** Answers, or does so when the request's body has been read. */
  void answer(LocalResponse response) {
    LocalResponse answer = response.as(statusOf(response.status()));
    if (!carriedName.isEmpty()) {
      answer.headers().set(carriedName, carriedValue);
    }
    boolean head = request.method().equals(HttpMethod.HEAD);
    turn.answer(head ? answer.withoutFile() : answer);
  }

  /** Whether an error of the upstream has an error page here, which is to be the answer then. */
  boolean intercepts(HttpResponse head) {
    int code = head.status().code();
    if (code < 300 || !settings().interceptsErrors() || !settings().hasErrorPage(code)) {
      return false;
    }
    String challenge = head.headers().get(HttpHeaderNames.WWW_AUTHENTICATE);
    if (code == 401 && challenge != null) {
      carriedName = HttpHeaderNames.WWW_AUTHENTICATE;
      carriedValue = challenge;
    }
    return true;
  }
}
