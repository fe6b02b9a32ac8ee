package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Stands before an HTTP codec and lets only bytes pass whose message ends at one place for every
 * reader (RFC 9112 §6 and §7, taken strictly): one length or one {@code chunked}, lines that end
 * with CR LF, no folded lines, no control characters, chunk sizes without anything else.
 *
 * <p>Netty's decoder alone joins folded lines, takes what follows a blank in a chunk size for
 * nothing, frames a message with an unknown {@code Transfer-Encoding} by its {@code
 * Content-Length}, and more of this kind; what it forwards then may be two requests for the next
 * reader.
 *
 * <p>Whole lines are judged before any byte of them passes. In the place of the first one that is
 * refused the codec gets a line that it refuses in every state, so that there is one way in which a
 * bad message is told: a failed decoder result, in its place behind all that came before. Nothing
 * passes afterwards.
 */
abstract class FramingGuard extends ByteToMessageDecoder {
  private enum State {
    START,
    HEADER,
    DATA,
    CHUNK_SIZE,
    CHUNK_END,
    TRAILER,
    UNTIL_CLOSE,
    REFUSED
  }

  private static final byte[] REFUSED_BY_EVERY_CODEC = {'x', '\r', '\n'};
  static final int MAX_LINE = 16 * 1024;

  /** More digits make a number that some reader cuts off. */
  private static final int MAX_LENGTH_DIGITS = 18;

  private static final int MAX_CHUNK_DIGITS = 8;

  private final boolean allowsBareLf;
  private State state = State.START;
  private boolean chunked;
  private long length;
  private boolean http10;
  private int headBytes;
  private boolean headTooBig;
  private @Nullable String refusedStart;

  /**
   * @param allowsBareLf whether a line of a head may end without CR
   */
  FramingGuard(boolean allowsBareLf) {
    this.allowsBareLf = allowsBareLf;
  }

  /** Whether a message may begin now. */
  abstract boolean mayBegin();

  /** Whether an empty line before a message is passed over. */
  abstract boolean skipsEmptyLines();

  /** Whether this is a start line; its version is told by {@link #version}. */
  abstract boolean startLine(String line);

  /** How long the next line of a head may be, when there are so many bytes of it before. */
  abstract int maxHeadLine(int before);

  /** Whether this header may stand in a message of this kind. */
  abstract boolean header(String name, String value);

  /** Whether the head is whole, now that its last line is there. */
  abstract boolean isWhole();

  /** What the body is, apart from a length or chunks that the head announces. */
  abstract Body body();

  /** The message has ended. */
  abstract void ended();

  /** So many bytes more may pass, all of one message; told after what they make of it. */
  abstract void passed(int bytes);

  /** What follows a head. */
  enum Body {
    NONE,
    AS_ANNOUNCED,
    AS_ANNOUNCED_OR_UNTIL_CLOSE,
    TUNNEL
  }

  /** Whether nothing has been refused, bytes that have just come in included. */
  final boolean isClean() {
    return state != State.REFUSED;
  }

  /** The start line that was refused; null when none was, or its end did not come. */
  final @Nullable String refusedStart() {
    return refusedStart;
  }

  final boolean isHttp10() {
    return http10;
  }

  /** Whether a head was refused for its size. */
  final boolean isHeadTooBig() {
    return headTooBig;
  }

  /** Takes note of a message's version; false when it is none of HTTP/1. */
  final boolean version(String version) {
    http10 = version.equals("HTTP/1.0");
    return http10 || version.equals("HTTP/1.1");
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (state == State.REFUSED) {
      in.skipBytes(in.readableBytes());
      return;
    }
    int from = in.readerIndex();
    int to = from;
    for (int next = pass(in, to); next != to; next = pass(in, to)) {
      passed(next - to);
      to = next;
    }
    if (to > from) {
      out.add(in.readRetainedSlice(to - from));
    }
    if (state == State.REFUSED) {
      in.skipBytes(in.readableBytes());
      out.add(Unpooled.wrappedBuffer(REFUSED_BY_EVERY_CODEC));
    }
  }

  /** The end of what may pass from here on at once; the same place when nothing may. */
  private int pass(ByteBuf in, int at) {
    int available = in.writerIndex() - at;
    if (available == 0) {
      return at;
    }
    return switch (state) {
      case DATA -> {
        int taken = (int) Math.min(length, available);
        length -= taken;
        if (length == 0) {
          dataEnded();
        }
        yield at + taken;
      }
      case UNTIL_CLOSE -> at + available;
      case START -> mayBegin() ? line(in, at) : refuse(at);
      case CHUNK_END, HEADER, CHUNK_SIZE, TRAILER -> line(in, at);
      case REFUSED -> at;
    };
  }

  private void dataEnded() {
    if (chunked) {
      state = State.CHUNK_END;
    } else {
      end();
    }
  }

  private void end() {
    state = State.START;
    headBytes = 0;
    ended();
  }

  private int refuse(int at) {
    state = State.REFUSED;
    return at;
  }

  private int line(ByteBuf in, int at) {
    boolean ofHead = state == State.START || state == State.HEADER;
    int limit = ofHead ? maxHeadLine(headBytes) : state == State.CHUNK_END ? 2 : MAX_LINE;
    int lf = in.indexOf(at, Math.min(in.writerIndex(), at + limit), (byte) '\n');
    if (lf < 0) {
      boolean tooLong = in.writerIndex() - at >= limit;
      headTooBig = tooLong && ofHead;
      return tooLong ? refuse(at) : at;
    }
    headBytes += lf + 1 - at;
    boolean crLf = lf > at && in.getByte(lf - 1) == '\r';
    if (!crLf && !(allowsBareLf && ofHead)) {
      return refuse(at);
    }
    String line = in.toString(at, (crLf ? lf - 1 : lf) - at, StandardCharsets.ISO_8859_1);
    boolean first = state == State.START;
    boolean accepted = HttpText.isLine(line) && accepts(line);
    refusedStart = first && !accepted ? line : null;
    return accepted ? lf + 1 : refuse(at);
  }

  private boolean accepts(String line) {
    return switch (state) {
      case START -> accepted(line);
      case HEADER -> line.isEmpty() ? headEnded() : headerLine(line);
      case CHUNK_SIZE -> chunkSize(line);
      case CHUNK_END -> {
        state = State.CHUNK_SIZE;
        yield line.isEmpty();
      }
      case TRAILER -> {
        if (line.isEmpty()) {
          end();
          yield true;
        }
        yield trailerLine(line);
      }
      case DATA, UNTIL_CLOSE, REFUSED -> throw new AssertionError(state);
    };
  }

  private boolean accepted(String line) {
    if (line.isEmpty()) {
      return skipsEmptyLines();
    }
    state = State.HEADER;
    chunked = false;
    length = -1;
    return startLine(line);
  }

  private boolean headerLine(String line) {
    String name = name(line);
    String value = name.isEmpty() ? "" : line.substring(name.length() + 1).strip();
    return switch (name) {
      case "" -> false;
      case "content-length" -> contentLength(value);
      case "transfer-encoding" -> transferEncoding(value);
      default -> header(name, value);
    };
  }

  private boolean trailerLine(String line) {
    return switch (name(line)) {
      case "", "content-length", "transfer-encoding", "host" -> false;
      default -> true;
    };
  }

  /** The name in a header line, in small letters; empty when the line is none. */
  private static String name(String line) {
    int colon = line.indexOf(':');
    String name = colon < 0 ? "" : line.substring(0, colon).toLowerCase(Locale.ROOT);
    return HttpText.isToken(name) ? name : "";
  }

  private boolean contentLength(String value) {
    if (length >= 0 || chunked || value.isEmpty() || value.length() > MAX_LENGTH_DIGITS) {
      return false;
    }
    length = HttpText.number(value);
    return length >= 0;
  }

  private boolean transferEncoding(String value) {
    boolean first = !chunked && length < 0 && !http10;
    chunked = true;
    return first && value.equalsIgnoreCase("chunked");
  }

  private boolean headEnded() {
    if (!isWhole()) {
      return false;
    }
    Body body = body();
    if (body == Body.TUNNEL) {
      state = State.UNTIL_CLOSE;
    } else if (body == Body.NONE) {
      end();
    } else if (chunked) {
      state = State.CHUNK_SIZE;
    } else if (length > 0) {
      state = State.DATA;
    } else if (length < 0 && body == Body.AS_ANNOUNCED_OR_UNTIL_CLOSE) {
      state = State.UNTIL_CLOSE;
    } else {
      end();
    }
    return true;
  }

  private boolean chunkSize(String line) {
    if (line.isEmpty() || line.length() > MAX_CHUNK_DIGITS) {
      return false;
    }
    length = 0;
    for (int i = 0; i < line.length(); i++) {
      int digit = line.charAt(i) < 128 ? Character.digit(line.charAt(i), 16) : -1;
      if (digit < 0) {
        return false;
      }
      length = length * 16 + digit;
    }
    state = length == 0 ? State.TRAILER : State.DATA;
    return length <= Integer.MAX_VALUE;
  }
}
