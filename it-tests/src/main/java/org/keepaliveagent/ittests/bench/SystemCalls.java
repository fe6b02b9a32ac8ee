package org.keepaliveagent.ittests.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts the system calls of a process, by the kernel's tracepoints and {@code perf stat}. */
final class SystemCalls {
  private static final String TRACEPOINT = "raw_syscalls:sys_enter";

  /** Which ones a proxy's threads make, or might make with an agent. */
  private static final List<String> NAMES =
      List.of(
          "accept",
          "accept4",
          "clock_nanosleep",
          "close",
          "connect",
          "epoll_ctl",
          "epoll_pwait",
          "epoll_wait",
          "fcntl",
          "futex",
          "getsockname",
          "getsockopt",
          "madvise",
          "poll",
          "read",
          "readv",
          "recvfrom",
          "recvmsg",
          "sched_yield",
          "sendmsg",
          "sendto",
          "setsockopt",
          "shutdown",
          "socket",
          "timerfd_settime",
          "write",
          "writev");

  /** A line of perf: the count, no unit, the event. */
  private static final Pattern COUNT =
      Pattern.compile("(\\d+),,(?:raw_syscalls:sys_enter|syscalls:sys_enter_(\\w+)),");

  private final Process perf;
  private final Path result;

  private SystemCalls(Process perf, Path result) {
    this.perf = perf;
    this.result = result;
  }

  /** Why they cannot be counted on this machine; empty where they can. */
  private static String obstacle() throws InterruptedException {
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

  /** Whether they can be counted on this machine; says why not. */
  static boolean canBeCounted(Evidence evidence) throws InterruptedException {
    String obstacle = obstacle();
    if (!obstacle.isEmpty()) {
      evidence.progress("system calls: not run, since " + obstacle);
    }
    return obstacle.isEmpty();
  }

  /** Begins to count all; returns when the counter stands. */
  static SystemCalls of(long pid, Path folder) throws IOException {
    return of(pid, folder, TRACEPOINT);
  }

  /** Begins to count each of the usual ones; returns when the counters stand. */
  static SystemCalls byName(long pid, Path folder) throws IOException {
    String prefix = ",syscalls:sys_enter_";
    return of(pid, folder, TRACEPOINT + prefix + String.join(prefix, NAMES));
  }

  private static SystemCalls of(long pid, Path folder, String events) throws IOException {
    Path result = Files.createTempFile(folder, "perf", ".csv");
    // perf counts for as long as its command runs: this one says that it does, and waits.
    Process perf =
        new ProcessBuilder(
                List.of(
                    "perf",
                    "stat",
                    "-x,",
                    "-e",
                    events,
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

  /** Ends the count; how many there were in all. */
  long end() throws IOException, InterruptedException {
    return Objects.requireNonNull(endByName().get("all"));
  }

  /** Ends the count: how many there were of each, and of {@code all}. */
  Map<String, Long> endByName() throws IOException, InterruptedException {
    perf.getOutputStream().close();
    if (!perf.waitFor(10, TimeUnit.SECONDS)) {
      throw new IOException("perf does not end");
    }
    Map<String, Long> counts = new TreeMap<>();
    for (String line : Files.readAllLines(result)) {
      Matcher count = COUNT.matcher(line);
      if (count.lookingAt()) {
        counts.put(Objects.requireNonNullElse(count.group(2), "all"), Long.valueOf(count.group(1)));
      }
    }
    return counts;
  }
}
