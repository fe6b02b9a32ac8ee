package org.keepaliveagent.ittests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A proxy as its quick start has it, with nothing set, in a JVM of its own. */
public enum ExistingProxy {
  PROXY_CORE("proxy-core", "", "", 50, 1),
  WIREMOCK("WireMock", "", "", 50, 1),
  SPRING_CLOUD_GATEWAY_4(
      "Spring Cloud Gateway",
      "spring-cloud-gateway-4",
      "spring-cloud-gateway-server-webflux",
      50,
      1),
  SPRING_CLOUD_GATEWAY_5(
      "Spring Cloud Gateway",
      "spring-cloud-gateway-5",
      "spring-cloud-gateway-server-webflux",
      50,
      1),
  UNDERTOW("Undertow", "undertow", "undertow-core", 20, 1),
  UNDERTOW_TWO_THREADS("Undertow, 2 I/O threads", "undertow", "undertow-core", 20, 1),
  UNDERTOW_TWO_UPSTREAMS(
      "Undertow, 2 I/O threads, 2 upstreams", "undertow", "undertow-core", 20, 2),
  JETTY_12("Jetty ProxyHandler", "jetty-12", "jetty-proxy", 50, 1),
  JETTY_9("Jetty AsyncProxyServlet", "jetty-9", "jetty-proxy", 50, 1);

  private static final Path WIREMOCK_JAR =
      Path.of("target", "libraries", "wiremock-standalone.jar").toAbsolutePath();

  private final String title;
  private final String module;
  private final String library;
  private final int clients;
  private final int upstreams;

  ExistingProxy(String title, String module, String library, int clients, int upstreams) {
    this.title = title;
    this.module = module;
    this.library = library;
    this.clients = clients;
    this.upstreams = upstreams;
  }

  /** How many connections at once it is meant for: Undertow's example has 20 for each thread. */
  public int clients() {
    return clients;
  }

  /** How many upstreams it balances over. */
  public int upstreams() {
    return upstreams;
  }

  /** It drops a request's Connection header itself, and sends what that header named. */
  boolean hidesNominations() {
    return this == WIREMOCK;
  }

  /** WireMock builds its client without the part that repeats requests. */
  boolean repeats() {
    return this != WIREMOCK;
  }

  /** Its name and its version. */
  public String title() throws IOException {
    return switch (this) {
      case PROXY_CORE -> title;
      case WIREMOCK -> {
        try (JarFile jar = new JarFile(WIREMOCK_JAR.toFile())) {
          yield title
              + " "
              + jar.getManifest().getMainAttributes().getValue("Implementation-Version");
        }
      }
      default -> title.replaceFirst("(,|$)", " " + version() + "$1");
    };
  }

  private String version() throws IOException {
    Matcher jar = Pattern.compile(library + "-([0-9][^/]*)\\.jar").matcher(classPath());
    if (!jar.find()) {
      throw new IllegalStateException("no " + library + " in " + classPath());
    }
    return jar.group(1);
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param folder for its files
   * @param ports of its upstreams, at most as many as it balances over
   */
  public ForkedProxy start(
      Path folder, List<Integer> ports, List<String> jvmOptions, Map<String, String> environment)
      throws IOException, InterruptedException {
    String port = ports.get(0).toString();
    return switch (this) {
      case PROXY_CORE -> ForkedProxy.start(folder, ports.get(0), jvmOptions, environment);
      case WIREMOCK -> wireMock(folder, port, jvmOptions, environment);
      case SPRING_CLOUD_GATEWAY_4, SPRING_CLOUD_GATEWAY_5 ->
          start(jvmOptions, environment, "SpringCloudGateway", "--upstream=" + port);
      case UNDERTOW -> start(jvmOptions, environment, "UndertowProxy", with("1", ports));
      case UNDERTOW_TWO_THREADS, UNDERTOW_TWO_UPSTREAMS ->
          start(jvmOptions, environment, "UndertowProxy", with("2", ports));
      case JETTY_12 -> start(jvmOptions, environment, "JettyProxyHandler", port);
      case JETTY_9 -> start(jvmOptions, environment, "JettyProxyServlet", port);
    };
  }

  private static String[] with(String threads, List<Integer> ports) {
    return Stream.concat(Stream.of(threads), ports.stream().map(String::valueOf))
        .toArray(String[]::new);
  }

  /** WireMock in front of one upstream; it keeps connections only when it is told to. */
  private static ForkedProxy wireMock(
      Path folder, String port, List<String> jvmOptions, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(jvmOptions);
    arguments.addAll(List.of("-jar", WIREMOCK_JAR.toString()));
    arguments.addAll(List.of("--port", "0", "--bind-address", "127.0.0.1"));
    arguments.addAll(List.of("--proxy-all", "http://127.0.0.1:" + port));
    arguments.addAll(List.of("--disable-connection-reuse", "false"));
    arguments.addAll(List.of("--use-chunked-encoding", "never", "--disable-gzip"));
    arguments.addAll(List.of("--no-request-journal", "--disable-banner"));
    arguments.addAll(List.of("--root-dir", folder.toString()));
    return ForkedProxy.start(arguments, "port:", environment);
  }

  private ForkedProxy start(
      List<String> jvmOptions, Map<String, String> environment, String main, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(jvmOptions);
    // Spring's start takes half as long.
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(List.of("-cp", target().resolve("classes") + ":" + classPath()));
    command.add("org.keepaliveagent.proxies." + main);
    command.addAll(List.of(arguments));
    return ForkedProxy.start(command, "proxy ready on ", environment);
  }

  private Path target() {
    return Path.of("proxies", module, "target").toAbsolutePath();
  }

  private String classPath() throws IOException {
    Path file = target().resolve("proxy.classpath");
    if (!Files.isRegularFile(file)) {
      throw new IllegalStateException(file + " is missing: build with ./mvnw -B verify");
    }
    return Files.readString(file).strip();
  }
}
