package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A child JVM whose output is collected line by line; ended, by its own handle, on close. */
public final class ForkedJvm implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Process process;
  private final List<String> out = new ArrayList<>();
  private final List<String> err = new ArrayList<>();
  private final List<Thread> readers = new ArrayList<>();

  private ForkedJvm(Process process) {
    this.process = process;
    readers.add(collect(process.inputReader(UTF_8), out));
    readers.add(collect(process.errorReader(UTF_8), err));
  }

  /** Starts the JVM that runs this test, with these arguments. */
  public static ForkedJvm start(List<String> arguments, Map<String, String> environment)
      throws IOException {
    return start(ProcessHandle.current().info().command().orElse("java"), arguments, environment);
  }

  /** Starts another JVM, by the path of its command. */
  public static ForkedJvm start(
      String java, List<String> arguments, Map<String, String> environment) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(java);
    command.add("-Xmx256m");
    command.add("-XX:+UseSerialGC");
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("OTEL_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    endWithThisJvm(process);
    return new ForkedJvm(process);
  }

  /** So that an interrupted demo or test leaves nothing running. */
  public static void endWithThisJvm(Process process) {
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "end-child"));
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public List<String> out() {
    synchronized (out) {
      return new ArrayList<>(out);
    }
  }

  public List<String> err() {
    synchronized (err) {
      return new ArrayList<>(err);
    }
  }

  /** Waits for a line of standard output. */
  public String awaitOut(Predicate<String> wanted) throws InterruptedException {
    return await(out, wanted);
  }

  /** Waits for a line of standard error. */
  public String awaitErr(Predicate<String> wanted) throws InterruptedException {
    return await(err, wanted);
  }

  /** Waits until the process has ended by itself and all it said is here. */
  public int awaitExit() throws InterruptedException {
    return awaitExit(PATIENCE);
  }

  /** The same, for a process that works for longer. */
  public int awaitExit(Duration atMost) throws InterruptedException {
    if (!process.waitFor(atMost.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("the process did not end; it said " + out() + err());
    }
    for (Thread reader : readers) {
      reader.join(PATIENCE.toMillis());
    }
    return process.exitValue();
  }

  private String await(List<String> lines, Predicate<String> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (lines) {
      while (true) {
        for (String line : lines) {
          if (wanted.test(line)) {
            return line;
          }
        }
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError(
              "the line never came; standard output and error so far: " + out() + err());
        }
        lines.wait(left);
      }
    }
  }

  private static Thread collect(BufferedReader reader, List<String> lines) {
    Thread thread =
        new Thread(
            () -> {
              try (reader) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                  synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                  }
                }
              } catch (IOException ended) {
                // the process was ended while it wrote
              }
            },
            "forked-output");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
      for (Thread reader : readers) {
        reader.join(5000);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
