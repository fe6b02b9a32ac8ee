package org.keepaliveagent.ittests.bench;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** async-profiler in another JVM: the stacks that allocate, and those that run. */
final class AsyncProfiler {
  /**
   * A stack and how much it stands for.
   *
   * @param thread the thread's name
   * @param frames from the outermost one on; where it allocates, the last is the class
   * @param amount bytes, or samples of CPU time
   */
  record Stack(String thread, List<String> frames, long amount) {
    /** Whether the agent runs, on whatever thread; the proxies have packages beside its own. */
    boolean isAgents() {
      return frames.stream().anyMatch(AsyncProfiler::isAgents);
    }

    /** Whether it is one of the JVM's compilers; the kernel cuts their names off. */
    boolean isCompilers() {
      return thread.contains("CompilerThre");
    }
  }

  /** What is profiled. */
  interface Task {
    void run() throws IOException, InterruptedException;
  }

  private static final String OURS = "org/keepaliveagent/";

  private final Path library;

  private AsyncProfiler(Path library) {
    this.library = library;
  }

  /** Unpacks it; throws where it has no library for this machine. */
  static AsyncProfiler in(Path folder) throws IOException {
    boolean mac = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac");
    String arch = System.getProperty("os.arch").equals("aarch64") ? "linux-arm64" : "linux-x64";
    String name = "/" + (mac ? "macos" : arch) + "/libasyncProfiler.so";
    try (InputStream in = one.profiler.AsyncProfiler.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("async-profiler has no " + name);
      }
      Path library = folder.resolve("libasyncProfiler.so");
      Files.copy(in, library, StandardCopyOption.REPLACE_EXISTING);
      return new AsyncProfiler(library);
    }
  }

  /** The stacks that allocate in a JVM while something is done. */
  List<Stack> allocations(long pid, Task task) throws IOException, InterruptedException {
    return stacks(pid, "event=alloc,alloc=1", "total,", task);
  }

  /** The stacks that run in a JVM while something is done. */
  List<Stack> cpu(long pid, Task task) throws IOException, InterruptedException {
    return stacks(pid, "event=cpu,interval=1ms", "", task);
  }

  private List<Stack> stacks(long pid, String event, String counted, Task task)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile(library.getParent(), "stacks", ".txt");
    command(pid, "start," + event + ",threads,jstackdepth=256");
    task.run();
    command(pid, "stop,collapsed,threads," + counted + "file=" + file);
    return stacks(file);
  }

  /** Whether a frame is of the agent's code. */
  static boolean isAgents(String frame) {
    return frame.startsWith("java/lang/Keepalive")
        || (frame.startsWith(OURS)
            && !frame.startsWith(OURS + "proxycore/")
            && !frame.startsWith(OURS + "proxies/"));
  }

  /** The option of a JVM that writes where its CPU time went, from its start to its end. */
  String cpuOption(Path file) {
    return "-agentpath:"
        + library
        + "=start,event=ctimer,interval=1ms,collapsed,threads,file="
        + file;
  }

  /** What it has written to a file, which is deleted. */
  static List<Stack> stacks(Path file) throws IOException {
    List<Stack> stacks = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      int end = line.lastIndexOf(' ');
      String[] frames = line.substring(0, end).split(";", -1);
      String thread = frames[0].replaceAll("^\\[| tid=\\d+\\]$", "");
      List<String> rest = List.of(frames).subList(1, frames.length);
      stacks.add(new Stack(thread, rest, Long.parseLong(line.substring(end + 1))));
    }
    Files.delete(file);
    return stacks;
  }

  /** What these stacks stand for together. */
  static long amount(List<Stack> stacks, Predicate<Stack> which) {
    return stacks.stream().filter(which).mapToLong(Stack::amount).sum();
  }

  private void command(long pid, String command) throws IOException {
    try {
      VirtualMachine jvm = VirtualMachine.attach(Long.toString(pid));
      try {
        jvm.loadAgentPath(library.toString(), command);
      } finally {
        jvm.detach();
      }
    } catch (AttachNotSupportedException | AgentLoadException | AgentInitializationException e) {
      throw new IOException("async-profiler: " + command, e);
    }
  }
}
