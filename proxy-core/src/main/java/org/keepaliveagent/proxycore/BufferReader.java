package org.keepaliveagent.proxycore;

import java.nio.file.Path;

/**
 * Reads how much of the messages is kept, in memory and in files.
 *
 * <p>Read and checked, but not acted on: {@code proxy_busy_buffers_size} (what a client's socket
 * does not take at once is counted by Netty's water marks), {@code proxy_temp_file_write_size} (as
 * much is written as the buffers hold), and the levels of {@code …_temp_path} (see {@link
 * TempFiles}).
 */
final class BufferReader {
  private static final int PAGE = 4096;
  private static final long DEFAULT_MAX_FILE = 1L << 30;
  private static final int MAX_BUFFERS = 1 << 20;

  private final Scope scope;
  private final Path prefix;

  /**
   * @param prefix what relative paths are relative to
   */
  BufferReader(Scope scope, Path prefix) {
    this.scope = scope;
    this.prefix = prefix;
  }

  RequestBuffers request() throws ConfigException {
    return new RequestBuffers(
        scope.flag("proxy_request_buffering", true),
        (int) size("client_body_buffer_size", 4L * PAGE, Integer.MAX_VALUE),
        files("client_body_temp_path", "client_body_temp"));
  }

  ResponseBuffers response(Directive block) throws ConfigException {
    long head = size("proxy_buffer_size", PAGE, Integer.MAX_VALUE);
    Directive buffers = scope.find("proxy_buffers").orElse(null);
    int count = buffers == null ? 8 : ConfigValues.parseCount(buffers.arg(0));
    long one = buffers == null ? PAGE : ConfigValues.parseSize(buffers.arg(1));
    if (buffers != null && (count < 1 || count > MAX_BUFFERS || one < 1)) {
      throw buffers.error("\"proxy_buffers\" directive invalid value");
    }
    if (count < 2) {
      throw block.error("there must be at least 2 \"proxy_buffers\"");
    }
    long largest = Math.max(head, one);
    long busy = size("proxy_busy_buffers_size", 2 * largest, Integer.MAX_VALUE);
    checkAtLeast(block, "proxy_busy_buffers_size", busy, largest, "");
    if (busy > (count - 1) * one) {
      throw block.error(
          "\"proxy_busy_buffers_size\" must be less than the size of all \"proxy_buffers\" minus one buffer");
    }
    long write = size("proxy_temp_file_write_size", 2 * largest, Integer.MAX_VALUE);
    checkAtLeast(block, "proxy_temp_file_write_size", write, largest, "");
    long file = size("proxy_max_temp_file_size", DEFAULT_MAX_FILE, Long.MAX_VALUE);
    if (file != 0) {
      String zero = "equal to zero to disable temporary files usage or must be ";
      checkAtLeast(block, "proxy_max_temp_file_size", file, largest, zero);
    }
    return new ResponseBuffers(
        scope.flag("proxy_buffering", true),
        (int) head,
        count * one,
        file,
        files("proxy_temp_path", "proxy_temp"));
  }

  private static void checkAtLeast(
      Directive block, String name, long value, long least, String alternative)
      throws ConfigException {
    if (value < least) {
      throw block.error(
          "\""
              + name
              + "\" must be "
              + alternative
              + "equal to or greater than the maximum of the value of \"proxy_buffer_size\" and one of the \"proxy_buffers\"");
    }
  }

  private long size(String name, long otherwise, long most) throws ConfigException {
    Directive directive = scope.find(name).orElse(null);
    if (directive == null) {
      return otherwise;
    }
    long size = ConfigValues.parseSize(directive.arg(0));
    if (size < 0 || size > most) {
      throw directive.error("\"" + name + "\" directive invalid value");
    }
    return size;
  }

  private TempFiles files(String name, String otherwise) throws ConfigException {
    Directive directive = scope.find(name).orElse(null);
    if (directive == null) {
      return new TempFiles(prefix.resolve(otherwise));
    }
    for (String level : directive.args().subList(1, directive.args().size())) {
      if (ConfigValues.parseCount(level) < 1) {
        throw directive.error("\"" + name + "\" directive invalid value");
      }
    }
    return new TempFiles(prefix.resolve(directive.arg(0)));
  }
}
