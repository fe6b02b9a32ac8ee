package org.keepaliveagent.ittests.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.keepaliveagent.ittests.ForkedProxy;

/** The CPU time, user and system, that a program takes from its start to its end. */
final class StartUp {
  /** Agents beside it. */
  enum Beside {
    NOTHING("without"),
    KEEPALIVE("Keepalive Agent"),
    OPENTELEMETRY("OpenTelemetry agent");

    private final String title;

    Beside(String title) {
      this.title = title;
    }

    List<String> jvmOptions() {
      return switch (this) {
        case NOTHING -> List.of();
        case KEEPALIVE -> List.of(ForkedProxy.agent(""));
        case OPENTELEMETRY -> CostVariant.OPENTELEMETRY.jvmOptions(List.of("http-url-connection"));
      };
    }
  }

  private static final double AIM = 0.1;
  private static final Pattern TIME = Pattern.compile("(\\d+)m([\\d.]+)s");
  private static final String HELLO =
      """
      class Hello {
        public static void main(String[] arguments) {
          System.out.println("hello");
        }
      }
      """;
  private static final String REQUEST =
      """
      class Request {
        public static void main(String[] arguments) throws Exception {
          try (java.io.InputStream in = new java.net.URL(arguments[0]).openStream()) {
            System.out.println(in.read() == 'o' ? "hello" : "?");
          }
        }
      }
      """;

  private StartUp() {}

  /**
   * Runs programs again and again, and adds their figures; the aim is of the first, which does
   * nothing.
   */
  static void measure(Evidence evidence, Path folder, int repetitions)
      throws IOException, InterruptedException {
    Table table =
        evidence.table(
            "CPU time from start to end, user and system, medians",
            "program",
            "agent",
            "ms",
            "ms added",
            "of what the OpenTelemetry agent adds");
    try (SteadyUpstream upstream = SteadyUpstream.start()) {
      double of =
          measure(evidence, table, "hello world", compiled(folder, "Hello", HELLO), repetitions);
      if (of > AIM) {
        evidence.missed(
            "start-up CPU added ≤ %.1f of the OpenTelemetry agent's: %.3f".formatted(AIM, of));
      }
      List<String> request = oneRequest(folder, upstream.port());
      measure(evidence, table, "one request by HttpURLConnection", request, repetitions);
    }
  }

  /** How a program is run that makes one request to this port of loopback. */
  static List<String> oneRequest(Path folder, int port) throws IOException, InterruptedException {
    List<String> request = new ArrayList<>(compiled(folder, "Request", REQUEST));
    request.add("http://127.0.0.1:" + port + "/");
    return request;
  }

  /** What the agent adds, as a share of what the other adds. */
  private static double measure(
      Evidence evidence, Table table, String program, List<String> command, int repetitions)
      throws IOException, InterruptedException {
    Map<Beside, List<Double>> times = new EnumMap<>(Beside.class);
    for (int i = 0; i < repetitions; i++) {
      for (Beside beside : Beside.values()) {
        double millis = cpuMillis(beside.jvmOptions(), command);
        times.computeIfAbsent(beside, b -> new ArrayList<>()).add(millis);
      }
      evidence.progress(program + " " + (i + 1) + " of " + repetitions);
    }
    double without = median(times, Beside.NOTHING);
    double theirs = median(times, Beside.OPENTELEMETRY) - without;
    for (Beside beside : Beside.values()) {
      double added = median(times, beside) - without;
      table.row(
          program,
          beside.title,
          Math.round(added + without),
          Math.round(added),
          Figures.thousandths(added / theirs));
    }
    return (median(times, Beside.KEEPALIVE) - without) / theirs;
  }

  private static double median(Map<Beside, List<Double>> times, Beside of) {
    return Figures.median(Objects.requireNonNull(times.get(of)), Double::doubleValue);
  }

  /** Compiles it, and returns how it is run. */
  private static List<String> compiled(Path folder, String name, String source)
      throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    Path javac = Path.of(System.getProperty("java.home"), "bin", "javac");
    Process process = new ProcessBuilder(javac.toString(), file.toString()).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException("javac failed");
    }
    return List.of("-cp", folder.toString(), name);
  }

  /** The CPU time of one run. */
  static double cpuMillis(List<String> options, List<String> command)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>();
    // The shell's own "times" is the time of the children that it has waited for, in milliseconds.
    all.addAll(List.of("bash", "-c", "\"$@\" 2>/dev/null; times", "times"));
    all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    all.add("-Xmx256m");
    all.addAll(options);
    all.addAll(command);
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    process.waitFor();
    if (!said.contains("hello")) {
      throw new IOException("it did not run: " + said);
    }
    Matcher times = TIME.matcher(said.substring(said.lastIndexOf('\n')));
    double seconds = 0;
    while (times.find()) {
      seconds += Integer.parseInt(times.group(1)) * 60 + Double.parseDouble(times.group(2));
    }
    return seconds * 1000;
  }
}
