package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;
import java.util.regex.Pattern;

/**
 * The {@link FramingGuard} before the codec of an upstream's connection: also refuses every byte
 * that no request asked for.
 */
final class ResponseGuard extends FramingGuard {
  private static final Pattern STATUS = Pattern.compile("[1-5]\\d\\d( .*)?");
  private static final int VERSION_LENGTH = "HTTP/1.1".length();

  private boolean awaited;
  private boolean toHead;
  private int maxHead;
  private int status;

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
    String rest = line.substring(VERSION_LENGTH + 1);
    if (!STATUS.matcher(rest).matches()) {
      return false;
    }
    status = Integer.parseInt(rest.substring(0, 3));
    return true;
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
    return true;
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
