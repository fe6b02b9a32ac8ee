package org.keepaliveagent.ittests.bench;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * What another JVM has used so far, read from outside: the bytes that its threads have allocated,
 * by its own {@code com.sun.management.ThreadMXBean} without the threads that serve the question,
 * and the time that its threads ran, by the kernel.
 */
final class Vitals implements AutoCloseable {
  /** Bytes allocated by the application's threads, and by the agent's own. */
  record Allocated(long application, long agent) {
    Allocated since(Allocated before) {
      return new Allocated(application - before.application, agent - before.agent);
    }
  }

  private final long pid;
  private final JMXConnector connector;
  private final ThreadMXBean threads;

  private Vitals(long pid, JMXConnector connector, ThreadMXBean threads) {
    this.pid = pid;
    this.connector = connector;
    this.threads = threads;
  }

  // Of a process of ours, by a port of loopback.
  @SuppressWarnings("BanJNDI")
  static Vitals of(long pid) throws IOException {
    String address;
    try {
      VirtualMachine jvm = VirtualMachine.attach(Long.toString(pid));
      address = jvm.startLocalManagementAgent();
      jvm.detach();
    } catch (AttachNotSupportedException e) {
      throw new IOException(e);
    }
    JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
    return new Vitals(
        pid,
        connector,
        ManagementFactory.newPlatformMXBeanProxy(
            connector.getMBeanServerConnection(),
            ManagementFactory.THREAD_MXBEAN_NAME,
            ThreadMXBean.class));
  }

  Allocated allocated() {
    long[] ids = threads.getAllThreadIds();
    long[] bytes = threads.getThreadAllocatedBytes(ids);
    ThreadInfo[] infos = threads.getThreadInfo(ids);
    long application = 0;
    long agent = 0;
    for (int i = 0; i < ids.length; i++) {
      String name = infos[i] == null ? "" : infos[i].getThreadName();
      if (isAgents(name)) {
        agent += Math.max(0, bytes[i]);
      } else if (!isOurQuestion(name)) {
        application += Math.max(0, bytes[i]);
      }
    }
    return new Allocated(application, agent);
  }

  /** The nanoseconds of CPU that a thread has used. */
  long cpuNanos(String thread) {
    for (ThreadInfo info : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (info != null && info.getThreadName().equals(thread)) {
        return threads.getThreadCpuTime(info.getThreadId());
      }
    }
    throw new IllegalStateException("there is no thread " + thread);
  }

  /** How many objects of a class are reachable. */
  long objects(String className) throws IOException, JMException {
    for (String[] words : histogram()) {
      if (words.length > 3 && words[3].equals(className)) {
        return Long.parseLong(words[1]);
      }
    }
    return 0;
  }

  /** The size of all objects that are reachable. */
  long reachableKb() throws IOException, JMException {
    for (String[] words : histogram()) {
      if (words[0].equals("Total")) {
        return Long.parseLong(words[2]) / 1024;
      }
    }
    throw new IllegalStateException("the histogram has no total");
  }

  /** The words of each line; counting begins with a full collection. */
  private List<String[]> histogram() throws IOException, JMException {
    Object histogram =
        connector
            .getMBeanServerConnection()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
    return histogram.toString().lines().map(line -> line.strip().split("\\s+", -1)).toList();
  }

  int threads() {
    return threads.getThreadCount();
  }

  /** Whether a thread is an agent's, ours or the OpenTelemetry one. */
  static boolean isAgents(String name) {
    return name.startsWith("keepalive-")
        || name.startsWith("BatchSpanProcessor")
        || name.startsWith("PeriodicMetricReader")
        || name.startsWith("OkHttp")
        || name.startsWith("otel-")
        || name.startsWith("HttpClient-");
  }

  /** Whether a thread answers what we ask the JVM. */
  static boolean isOurQuestion(String name) {
    return name.startsWith("RMI ") || name.startsWith("JMX ") || name.equals("Attach Listener");
  }

  /** The nanoseconds for which the threads that are there now have run. */
  long ranNanos() throws IOException {
    long nanos = 0;
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : tasks) {
        try {
          String line = Files.readString(task.resolve("schedstat"));
          nanos += Long.parseLong(line.substring(0, line.indexOf(' ')));
        } catch (NoSuchFileException ended) {
          // between the listing and the look
        }
      }
    }
    return nanos;
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }
}
