package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** Tells errors on standard error, and in the file of {@code -e} with time and process. */
record ErrorLog(PrintStream err, @Nullable Path file) {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss");

  void emerg(String message) {
    err.println("nginx: [emerg] " + message);
    if (file == null) {
      return;
    }
    long pid = ProcessHandle.current().pid();
    String line =
        "%s [emerg] %d#0: %s%n"
            .formatted(TIME.format(LocalDateTime.now(ZoneId.systemDefault())), pid, message);
    try {
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      err.println(
          "nginx: [alert] could not open error log file: open() \""
              + file
              + "\" failed ("
              + e
              + ")");
    }
  }
}
