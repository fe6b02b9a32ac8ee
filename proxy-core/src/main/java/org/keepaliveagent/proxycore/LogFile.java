package org.keepaliveagent.proxycore;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines, and the lines that are on their way to it: taken from any thread, written by the
 * one of {@link LogFiles}.
 */
final class LogFile {
  /** Where a file takes no more than this the event loops go on, and lines are lost. */
  private static final int MAX_PENDING = 8 * 1024 * 1024;

  private final Path path;
  private FileChannel channel;
  private boolean failing;

  private final Object lock = new Object();
  private ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private @Nullable FileChannel next;
  private long lost;

  LogFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Opens a file to be appended to, also one that is not there yet.
   *
   * @throws IOException in nginx's words
   */
  static FileChannel open(Path path) throws IOException {
    try {
      return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new IOException("open() \"" + path + "\" failed (" + reason(e) + ")", e);
    }
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "2: No such file or directory";
    }
    if (e instanceof AccessDeniedException) {
      return "13: Permission denied";
    }
    String reason = e instanceof FileSystemException of ? of.getReason() : e.getMessage();
    return String.valueOf(reason);
  }

  /** Takes a whole line; whether it is the first that waits. */
  boolean append(byte[] line) {
    synchronized (lock) {
      boolean first = pending.size() == 0;
      if (pending.size() + line.length > MAX_PENDING) {
        lost++;
        return false;
      }
      pending.writeBytes(line);
      return first;
    }
  }

  /** From now on lines go to another channel, those that wait too. */
  void reopen(FileChannel channelInstead) {
    FileChannel unused;
    synchronized (lock) {
      unused = next;
      next = channelInstead;
    }
    if (unused != null) {
      close(unused);
    }
  }

  /** Writes what waits; by one thread only. */
  void write() {
    ByteArrayOutputStream batch;
    FileChannel instead;
    long lines;
    synchronized (lock) {
      batch = pending;
      instead = next;
      lines = lost;
      pending = new ByteArrayOutputStream(batch.size());
      next = null;
      lost = 0;
    }
    if (instead != null) {
      close(channel);
      channel = instead;
    }
    if (lines > 0) {
      alert(lines + " lines of \"" + path + "\" were lost: it takes them too slowly");
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(batch.toByteArray());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        alert("write() to \"" + path + "\" failed (" + e.getMessage() + ")");
      }
      failing = true;
    }
  }

  /** After the last {@link #write}. */
  void close() {
    close(channel);
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      alert("close() failed (" + e.getMessage() + ")");
    }
  }

  private static void alert(String message) {
    System.err.println("nginx: [alert] " + message);
  }
}
