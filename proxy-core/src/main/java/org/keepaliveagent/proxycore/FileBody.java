package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The part of a file that is still to be sent. */
final class FileBody implements AutoCloseable {
  static final int PIECE_BYTES = 64 * 1024;

  private final FileChannel file;
  private long at;
  private final long end;

  private FileBody(FileChannel file, long at, long end) {
    this.file = file;
    this.at = at;
    this.end = end;
  }

  static FileBody open(Path path, long start, long end) throws IOException {
    return new FileBody(FileChannel.open(path, StandardOpenOption.READ), start, end);
  }

  boolean hasMore() {
    return at < end;
  }

  /**
   * Reads the next piece.
   *
   * @throws IOException also when the file has become shorter
   */
  ByteBuf next(ByteBufAllocator buffers) throws IOException {
    int length = (int) Math.min(PIECE_BYTES, end - at);
    ByteBuf piece = buffers.directBuffer(length);
    try {
      while (piece.readableBytes() < length) {
        int read = piece.writeBytes(file, at, length - piece.readableBytes());
        if (read < 0) {
          throw new EOFException("file has become shorter");
        }
        at += read;
      }
      return piece;
    } catch (IOException e) {
      piece.release();
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Closing what was only read does not fail.
    }
  }
}
