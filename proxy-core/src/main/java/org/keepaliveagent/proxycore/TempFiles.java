package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The directory of a {@code …_temp_path}, made when the first file is.
 *
 * <p>Its files have no name from the moment on when they are open, as nginx's, so that nothing
 * stays behind however the process ends. Levels of subdirectories are for names that stay; they are
 * read and checked, but not made.
 */
record TempFiles(Path directory) {
  private static final AtomicLong NUMBER = new AtomicLong();

  FileChannel open() throws IOException {
    Files.createDirectories(directory);
    long pid = ProcessHandle.current().pid();
    return FileChannel.open(
        directory.resolve("%d-%010d".formatted(pid, NUMBER.incrementAndGet())),
        StandardOpenOption.CREATE_NEW,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.DELETE_ON_CLOSE);
  }
}
