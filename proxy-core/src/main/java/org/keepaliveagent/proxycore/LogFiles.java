package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The access logs' files, by path, and the thread that writes them: an event loop only adds its
 * line to those that wait.
 *
 * <p>The thread writes {@value #GATHER_MILLIS} ms after the first line that waits, so that it is
 * woken some times a second and not for each line. A reload opens every file again, for those who
 * have moved it away: lines of the old configuration's requests go to the new file then. A file
 * that is in no configuration any more stays open until the end.
 */
final class LogFiles implements Runnable {
  private static final long GATHER_MILLIS = 100;
  private static final long CLOSE_SECONDS = 5;

  private final Object lock = new Object();
  private volatile Map<Path, LogFile> files = Map.of();
  private @Nullable Thread writer;
  private boolean waiting;
  private boolean closed;

  /**
   * Opens files, to be used or closed.
   *
   * @throws IOException when one of them cannot be opened; none is left open then
   */
  static Map<Path, FileChannel> open(Collection<Path> paths) throws IOException {
    Map<Path, FileChannel> opened = new LinkedHashMap<>();
    try {
      for (Path path : paths) {
        opened.put(path, LogFile.open(path));
      }
    } catch (IOException e) {
      close(opened);
      throw e;
    }
    return opened;
  }

  static void close(Map<Path, FileChannel> opened) throws IOException {
    for (FileChannel channel : opened.values()) {
      channel.close();
    }
  }

  /** Lines go to these from now on. Not at the same time as another call, or {@link #close()}. */
  void use(Map<Path, FileChannel> opened) {
    Map<Path, LogFile> next = new HashMap<>(files);
    opened.forEach(
        (path, channel) -> {
          LogFile known = next.get(path);
          if (known == null) {
            next.put(path, new LogFile(path, channel));
          } else {
            known.reopen(channel);
          }
        });
    files = Map.copyOf(next);
    if (writer == null && !next.isEmpty()) {
      writer = new Thread(this, "proxy-core-log");
      writer.setDaemon(true);
      writer.start();
    }
    wake();
  }

  /** Takes a line for a file that is used. */
  void append(Path path, byte[] line) {
    LogFile file = files.get(path);
    if (file != null && file.append(line)) {
      wake();
    }
  }

  private void wake() {
    synchronized (lock) {
      waiting = true;
      lock.notifyAll();
    }
  }

  @Override
  public void run() {
    boolean more = true;
    while (more) {
      more = awaitLines();
      files.values().forEach(LogFile::write);
    }
    files.values().forEach(LogFile::close);
  }

  /** Waits until lines are to be written; false when there will be no more. */
  private boolean awaitLines() {
    synchronized (lock) {
      try {
        while (!waiting && !closed) {
          lock.wait();
        }
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GATHER_MILLIS);
        for (long left = GATHER_MILLIS; left > 0 && !closed; left = millisUntil(end)) {
          lock.wait(left);
        }
      } catch (InterruptedException e) {
        return false;
      }
      waiting = false;
      return !closed;
    }
  }

  private static long millisUntil(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos - System.nanoTime());
  }

  /** Writes what waits, and ends; where a file takes nothing, without it after some seconds. */
  void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    if (writer != null) {
      try {
        writer.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
