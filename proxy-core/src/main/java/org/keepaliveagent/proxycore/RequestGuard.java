package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The {@link FramingGuard} before the codec of a client's connection. */
final class RequestGuard extends FramingGuard {
  /** A proxy that obeys {@code Connection} would take these away and change what is framed. */
  private static final Set<String> NEVER_NOMINATED =
      Set.of("content-length", "transfer-encoding", "host");

  private final @Nullable RequestMeter meter;
  private int hosts;

  /**
   * @param meter is told how long the requests are; null when nobody wants to know
   */
  RequestGuard(boolean allowsBareLf, @Nullable RequestMeter meter) {
    super(allowsBareLf);
    this.meter = meter;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (meter != null) {
      meter.received();
    }
    super.decode(ctx, in, out);
  }

  @Override
  boolean mayBegin() {
    return true;
  }

  @Override
  boolean skipsEmptyLines() {
    return true; // RFC 9112 §2.2.
  }

  @Override
  boolean startLine(String line) {
    hosts = 0;
    int methodEnd = line.indexOf(' ');
    int targetEnd = line.lastIndexOf(' ');
    if (methodEnd < 0 || targetEnd <= methodEnd + 1) {
      return false;
    }
    String target = line.substring(methodEnd + 1, targetEnd);
    return HttpText.isToken(line.substring(0, methodEnd))
        && target.indexOf(' ') < 0
        && target.indexOf('\t') < 0
        && version(line.substring(targetEnd + 1));
  }

  @Override
  int maxHeadLine(int before) {
    return MAX_LINE;
  }

  @Override
  boolean header(String name, String value) {
    return switch (name) {
      case "host" -> ++hosts == 1;
      case "connection" -> {
        for (String option : value.split(",", -1)) {
          if (NEVER_NOMINATED.contains(option.strip().toLowerCase(Locale.ROOT))) {
            yield false;
          }
        }
        yield true;
      }
      // A draft of WebSocket that no RFC knows: for it Netty reads 8 bytes of body that no header
      // announces, and the upstream would take them for the start of the next request.
      case "sec-websocket-key1", "sec-websocket-key2" -> false;
      default -> true;
    };
  }

  @Override
  boolean isWhole() {
    return hosts == 1 || isHttp10();
  }

  @Override
  Body body() {
    return Body.AS_ANNOUNCED;
  }

  @Override
  void ended() {
    if (meter != null) {
      meter.ends();
    }
  }

  @Override
  void passed(int bytes) {
    if (meter != null) {
      meter.passed(bytes);
    }
  }
}
