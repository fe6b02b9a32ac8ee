package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.conformance.ScriptedUpstream.Script;

/** The servers of one {@link NginxRow}, and a client of the proxy before them. */
final class NginxStage implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 30;

  /** How long what does not come about is waited for. */
  private static final int IN_VAIN_MILLIS = 1500;

  private final List<ScriptedUpstream> servers = new ArrayList<>();
  private final List<String> seen = new ArrayList<>();
  private final String path;
  private int proxyPort;
  private boolean enforced;

  private NginxStage(String path) {
    this.path = path;
  }

  /** Starts the servers of a row. */
  static NginxStage of(NginxRow row, int number) throws IOException {
    NginxStage stage = new NginxStage("/" + number + "/");
    for (Script script : row.scripts()) {
      ScriptedUpstream server = ScriptedUpstream.start();
      server.script(script);
      stage.servers.add(server);
    }
    return stage;
  }

  /** The row's part of the configuration, inside {@code http}. */
  String upstreamBlock(NginxRow row) {
    Object[] addresses =
        servers.stream().map(server -> "127.0.0.1:" + server.port()).toArray(Object[]::new);
    return "upstream u%s { %s }%n".formatted(number(), row.upstream().formatted(addresses));
  }

  /** The row's part of the configuration, inside {@code server}. */
  String locationBlock(NginxRow row) {
    return "location %s { proxy_pass http://u%s; %s }%n".formatted(path, number(), row.location());
  }

  private String number() {
    return path.replace("/", "");
  }

  /**
   * The curtain rises.
   *
   * @param enforces whether the proxy keeps its limits
   */
  String play(NginxRow row, int port, boolean enforces) throws Exception {
    proxyPort = port;
    enforced = enforces;
    row.play().on(this);
    return outcome();
  }

  /** What the client saw, and for each server how many connections and requests it had. */
  private String outcome() {
    StringBuilder line = new StringBuilder();
    synchronized (seen) {
      line.append(String.join(" ", seen));
    }
    for (ScriptedUpstream server : servers) {
      line.append(" | ").append(server.accepted()).append('/').append(server.requests());
    }
    return line.toString();
  }

  ScriptedUpstream server(int index) {
    return servers.get(index);
  }

  void get() throws IOException {
    send("GET");
  }

  void get(int times) throws IOException {
    for (int i = 0; i < times; i++) {
      get();
    }
  }

  /** Sends a request, with a body where the method has one, and notes the status. */
  void send(String method, String... headers) throws IOException {
    note(request(method, headers));
  }

  /** As many at a time, and notes the statuses. */
  void getAtOnce(int requests) throws Exception {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      all.add(inBackground(this::get));
    }
    for (CompletableFuture<Void> each : all) {
      each.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** What a play does while it goes on. */
  interface Step {
    void run() throws Exception;
  }

  CompletableFuture<Void> inBackground(Step step) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                step.run();
                done.complete(null);
              } catch (Exception e) {
                done.completeExceptionally(e);
              }
            },
            "nginx-stage");
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  void note(String what) {
    synchronized (seen) {
      seen.add(what);
    }
  }

  /** Lets time pass: the limits of all three are in real time. */
  void pass(int millis) throws InterruptedException {
    Thread.sleep(millis);
  }

  void await(String what, BooleanSupplier holds) throws InterruptedException {
    if (!comesAbout(holds, PATIENCE_SECONDS * 1000)) {
      throw new AssertionError("waited in vain until " + what + ": " + outcome());
    }
  }

  /** Waits until no more than so many connections to the first server are open; notes how many. */
  void noteOpen(int most) throws InterruptedException {
    ScriptedUpstream server = server(0);
    int patience = enforced ? PATIENCE_SECONDS * 1000 : IN_VAIN_MILLIS;
    comesAbout(() -> server.open() <= most, patience);
    note(server.open() + " open");
  }

  private static boolean comesAbout(BooleanSupplier holds, int millis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(5);
    }
    return true;
  }

  /** Notes which of these headers the newest request to the first server has. */
  void noteCrossed(String... names) {
    List<String> heads = server(0).heads();
    String newest = heads.get(heads.size() - 1).toLowerCase(Locale.ROOT);
    for (String name : names) {
      if (newest.contains("\n" + name.toLowerCase(Locale.ROOT) + ":")) {
        note(name);
      }
    }
  }

  /** Sends a POST of which the second half never comes, and notes the status. */
  void sendHalf() throws IOException {
    note(answer("POST " + path + " HTTP/1.1\r\nHost: it\r\nContent-Length: 10\r\n\r\nhello"));
  }

  private String request(String method, String... headers) throws IOException {
    boolean body = !method.equals("GET") && !method.equals("DELETE");
    return answer(
        method
            + " "
            + path
            + " HTTP/1.1\r\nHost: it\r\n"
            + (body ? "Content-Length: 5\r\n" : "")
            + String.join("", List.of(headers).stream().map(line -> line + "\r\n").toList())
            + "\r\n"
            + (body ? "hello" : ""));
  }

  private String answer(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxyPort)) {
      socket.setSoTimeout(PATIENCE_SECONDS * 1000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      InputStream in = new BufferedInputStream(socket.getInputStream());
      HttpText response = HttpText.readHead(in);
      if (response == null) {
        return "cut";
      }
      // To its end: of a client that goes away, a proxy may take leave of its server too.
      in.readNBytes(response.contentLength());
      return response.firstLine().split(" ", 3)[1];
    }
  }

  @Override
  public void close() throws IOException {
    for (ScriptedUpstream server : servers) {
      server.close();
    }
  }
}
