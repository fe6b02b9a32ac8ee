package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;

/**
 * The {@link FramingGuard} before the codec of an upstream's connection: also refuses every byte
 * that no request asked for.
 */
final class ResponseGuard extends FramingGuard {
  private static final int VERSION_LENGTH = "HTTP/1.1".length();

  private boolean awaited;
  private boolean toHead;
  private int maxHead;
  private int status;
  private boolean headEnds;
  private boolean inBody;
  private long bodyBytes;

  ResponseGuard() {
    super(false);
  }

  static ResponseGuard of(Channel connection) {
    return connection.pipeline().get(ResponseGuard.class);
  }

  /**
   * A request is about to be sent.
   *
   * @param maxHead how large the head of the response may be
   */
  void expect(HttpMethod method, int maxHead) {
    awaited = true;
    this.maxHead = maxHead;
    toHead = method.equals(HttpMethod.HEAD);
  }

  @Override
  boolean mayBegin() {
    return awaited;
  }

  @Override
  boolean skipsEmptyLines() {
    return false;
  }

  @Override
  boolean startLine(String line) {
    if (line.length() <= VERSION_LENGTH
        || line.charAt(VERSION_LENGTH) != ' '
        || !version(line.substring(0, VERSION_LENGTH))) {
      return false;
    }
    return status(line, VERSION_LENGTH + 1);
  }

  /** Reads a status, with a blank behind it or nothing. */
  private boolean status(String line, int at) {
    int end = at + 3;
    if (line.length() < end || (line.length() > end && line.charAt(end) != ' ')) {
      return false;
    }
    inBody = false;
    bodyBytes = 0;
    status = 0;
    for (int i = at; i < end; i++) {
      char c = line.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
      status = status * 10 + c - '0';
    }
    return status >= 100 && status < 600;
  }

  @Override
  int maxHeadLine(int before) {
    return maxHead - before;
  }

  @Override
  boolean header(String name, String value) {
    return true;
  }

  @Override
  boolean isWhole() {
    headEnds = true;
    return true;
  }

  @Override
  void passed(int bytes) {
    if (headEnds) {
      headEnds = false;
      inBody = true;
    } else if (inBody) {
      bodyBytes += bytes;
    }
  }

  /** How long the body of the last response is as it came, with the marks of chunks. */
  long bodyBytes() {
    return bodyBytes;
  }

  @Override
  Body body() {
    if (status == 101) {
      return Body.TUNNEL;
    }
    boolean none = toHead || isInterim() || status == 204 || status == 304;
    return none ? Body.NONE : Body.AS_ANNOUNCED_OR_UNTIL_CLOSE;
  }

  private boolean isInterim() {
    return status < 200;
  }

  @Override
  void ended() {
    awaited = isInterim();
  }
}
