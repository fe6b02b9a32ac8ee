package org.keepaliveagent.ittests.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Counts the system calls of a process, by the kernel's tracepoint and {@code perf stat}. */
final class SystemCalls {
  private static final String TRACEPOINT = "raw_syscalls:sys_enter";

  private final Process perf;
  private final Path result;

  private SystemCalls(Process perf, Path result) {
    this.perf = perf;
    this.result = result;
  }

  /** Why they cannot be counted on this machine; empty where they can. */
  static String obstacle() throws InterruptedException {
    try {
      Process perf =
          new ProcessBuilder("perf", "stat", "-x,", "-e", TRACEPOINT, "true")
              .redirectErrorStream(true)
              .start();
      String said = new String(perf.getInputStream().readAllBytes(), UTF_8).strip();
      return perf.waitFor() == 0 && Character.isDigit(said.charAt(0))
          ? ""
          : "perf stat cannot read " + TRACEPOINT;
    } catch (IOException e) {
      return "there is no perf";
    }
  }

  /** Begins to count; returns when the counter stands. */
  static SystemCalls of(long pid, Path folder) throws IOException {
    Path result = Files.createTempFile(folder, "perf", ".csv");
    // perf counts for as long as its command runs: this one says that it does, and waits.
    Process perf =
        new ProcessBuilder(
                List.of(
                    "perf",
                    "stat",
                    "-x,",
                    "-e",
                    TRACEPOINT,
                    "-o",
                    result.toString(),
                    "-p",
                    Long.toString(pid),
                    "--",
                    "sh",
                    "-c",
                    "echo counting; read end"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader said = perf.inputReader(UTF_8);
    if (!"counting".equals(said.readLine())) {
      perf.destroy();
      throw new IOException("perf does not count");
    }
    return new SystemCalls(perf, result);
  }

  /** Ends the count. */
  long end() throws IOException, InterruptedException {
    perf.getOutputStream().close();
    if (!perf.waitFor(10, TimeUnit.SECONDS)) {
      throw new IOException("perf does not end");
    }
    return Files.readAllLines(result).stream()
        .filter(line -> line.contains(TRACEPOINT))
        .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(','))))
        .findFirst()
        .orElseThrow();
  }
}
