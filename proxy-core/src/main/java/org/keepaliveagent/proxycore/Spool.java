package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way from a sender to a slower receiver: the newest in memory, and, once they are
 * too many for it, the older ones in a temporary file.
 *
 * <pre>
 *   added → [ memory ] → [ file ] → taken
 * </pre>
 *
 * <p>The file is written and read on the event loop, as nginx does without {@code aio}: by pieces
 * of what memory may hold and of {@value #READ_BYTES} bytes, which the page cache takes and gives
 * in some microseconds. A disk that is slower than the network for longer than the page cache lasts
 * holds up the loop.
 *
 * <p>While it is kept, nothing that is taken is dropped, and all can be taken again.
 */
final class Spool {
  static final int READ_BYTES = 32 * 1024;

  private final long memory;
  private final TempFiles files;
  private final List<ByteBuf> parts = new ArrayList<>(0);
  private int takenParts;
  private long takenPartBytes;
  private long partBytes;
  private @Nullable FileChannel file;
  private long fileBytes;
  private long takenFileBytes;
  private boolean kept;

  /**
   * @param memory how many bytes may be in memory
   */
  Spool(long memory, TempFiles files, boolean kept) {
    this.memory = memory;
    this.files = files;
    this.kept = kept;
  }

  /** Adds bytes and takes over their reference. */
  void add(ByteBuf bytes) {
    partBytes += bytes.readableBytes();
    parts.add(bytes);
  }

  /** Whether {@link #shrink} has something to do. */
  boolean isOverflowing() {
    return partBytes > memory;
  }

  /** Moves what is in memory to the file. */
  void shrink() throws IOException {
    FileChannel to = file;
    if (to == null) {
      to = files.open();
      file = to;
    }
    if (!kept && takenFileBytes == fileBytes) {
      takenFileBytes = 0;
      fileBytes = 0;
    }
    takenFileBytes += takenPartBytes;
    for (ByteBuf part : parts) {
      fileBytes += write(part, to, fileBytes);
    }
    dropParts();
  }

  private static int write(ByteBuf part, FileChannel to, long at) throws IOException {
    int length = part.readableBytes();
    int index = part.readerIndex();
    for (int done = 0; done < length; ) {
      done += part.getBytes(index + done, to, at + done, length - done);
    }
    return length;
  }

  /** The next bytes, with a reference for the receiver; null when all are taken. */
  @Nullable ByteBuf take(ByteBufAllocator allocator) throws IOException {
    if (file != null && takenFileBytes < fileBytes) {
      return read(allocator, file);
    }
    if (takenParts == parts.size()) {
      return null;
    }
    ByteBuf part = parts.get(takenParts);
    if (!kept) {
      partBytes -= part.readableBytes();
      return parts.remove(0);
    }
    takenParts++;
    takenPartBytes += part.readableBytes();
    return part.retainedDuplicate();
  }

  private ByteBuf read(ByteBufAllocator allocator, FileChannel from) throws IOException {
    int length = (int) Math.min(READ_BYTES, fileBytes - takenFileBytes);
    ByteBuf bytes = allocator.directBuffer(length, length);
    try {
      while (bytes.isWritable()) {
        if (bytes.writeBytes(from, takenFileBytes + bytes.readableBytes(), length) < 0) {
          throw new IOException("a temporary file has become shorter");
        }
        length = bytes.writableBytes();
      }
    } catch (IOException e) {
      bytes.release();
      throw e;
    }
    takenFileBytes += bytes.readableBytes();
    return bytes;
  }

  /** How many bytes are here that have not been taken. */
  long left() {
    return fileBytes - takenFileBytes + partBytes - takenPartBytes;
  }

  /** How many bytes have been added, while it is kept. */
  long size() {
    return fileBytes + partBytes;
  }

  boolean isKept() {
    return kept;
  }

  /** Goes back to the first byte. Only while it is kept. */
  void rewind() {
    takenParts = 0;
    takenPartBytes = 0;
    takenFileBytes = 0;
  }

  /** Drops what has been taken, and what will be. */
  void forget() {
    kept = false;
    List<ByteBuf> taken = parts.subList(0, takenParts);
    taken.forEach(ByteBuf::release);
    taken.clear();
    partBytes -= takenPartBytes;
    takenParts = 0;
    takenPartBytes = 0;
  }

  /** Drops everything, the file too. */
  void close() {
    kept = false;
    dropParts();
    takenFileBytes = 0;
    fileBytes = 0;
    FileChannel open = file;
    file = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // It has no name; the system removes it with the process at the latest.
      }
    }
  }

  private void dropParts() {
    parts.forEach(ByteBuf::release);
    parts.clear();
    partBytes = 0;
    takenParts = 0;
    takenPartBytes = 0;
  }
}
