package org.keepaliveagent.ittests;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The machine's Node.js as the upstream, with a {@code keepAliveTimeout}. */
public final class NodeUpstream implements Upstream {
  private static final Pattern READY = Pattern.compile("ready ([\\d,]+) (.*)");

  private final Process node;
  private final Path script;
  private final List<Integer> ports;
  private final String version;

  private NodeUpstream(Process node, Path script, List<Integer> ports, String version) {
    this.node = node;
    this.script = script;
    this.ports = ports;
    this.version = version;
  }

  /**
   * Starts it.
   *
   * @throws IOException where there is no {@code node} on the path, or it does not start
   */
  static NodeUpstream start(int keepAliveMillis) throws IOException {
    return start("node", keepAliveMillis, 1);
  }

  /** Starts any Node.js, on so many ports, counting for all of them. */
  public static NodeUpstream start(String program, int keepAliveMillis, int ports)
      throws IOException {
    Path script = Files.createTempFile("keepalive-demo", ".js");
    try (InputStream in = NodeUpstream.class.getResourceAsStream("upstream.js")) {
      if (in == null) {
        throw new IOException("upstream.js is missing");
      }
      Files.write(script, in.readAllBytes());
    }
    Process node;
    try {
      node =
          new ProcessBuilder(
                  program,
                  script.toString(),
                  String.valueOf(keepAliveMillis),
                  String.valueOf(ports))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      Files.delete(script);
      throw new IOException("--node needs node on the PATH: " + e.getMessage(), e);
    }
    ForkedJvm.endWithThisJvm(node);
    String line = node.inputReader(StandardCharsets.UTF_8).readLine();
    Matcher ready = READY.matcher(String.valueOf(line));
    if (!ready.matches()) {
      node.destroy();
      throw new IOException("node did not start: " + line);
    }
    List<Integer> listening =
        Stream.of(ready.group(1).split(",", -1)).map(Integer::valueOf).toList();
    return new NodeUpstream(node, script, listening, ready.group(2));
  }

  public String version() {
    return version;
  }

  @Override
  public int port() {
    return ports.get(0);
  }

  @Override
  public List<Integer> ports() {
    return ports;
  }

  @Override
  public int connections() throws IOException {
    return counted(1);
  }

  @Override
  public int executedTwice() throws IOException {
    return counted(2);
  }

  @Override
  public int postsExecutedTwice() throws IOException {
    return counted(3);
  }

  private int counted(int which) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + port() + "/stat").toURL().openConnection();
    try (InputStream in = connection.getInputStream()) {
      String[] numbers = new String(in.readAllBytes(), StandardCharsets.US_ASCII).split(" ", -1);
      return Integer.parseInt(numbers[which - 1]);
    }
  }

  @Override
  public void close() {
    node.destroy();
    try {
      node.waitFor();
      Files.deleteIfExists(script);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
