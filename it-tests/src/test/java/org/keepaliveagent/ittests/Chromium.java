package org.keepaliveagent.ittests;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One page in a headless Chromium, driven over the DevTools protocol; ended on close. */
final class Chromium implements AutoCloseable, WebSocket.Listener {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String LISTENING = "DevTools listening on ";

  private final Process process;
  private final Map<Integer, CompletableFuture<String>> waiting = new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final StringBuilder message = new StringBuilder();
  private WebSocket socket;
  private String session = "";

  private Chromium(Process process) {
    this.process = process;
  }

  /** The browser of this machine; null where there is none. */
  static @Nullable Path installed() {
    for (String folder : String.valueOf(System.getenv("PATH")).split(":", -1)) {
      Path file = Path.of(folder).resolve("chromium");
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    return null;
  }

  /** Opens a page in a browser whose files are in this folder. */
  static Chromium open(Path browser, Path folder, URI page) throws Exception {
    Process process =
        new ProcessBuilder(
                browser.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    ForkedJvm.endWithThisJvm(process);
    Chromium chromium = new Chromium(process);
    try {
      chromium.connect();
      chromium.attach();
      chromium.call("Page.navigate", "\"url\":\"" + page + "\"");
      return chromium;
    } catch (Throwable t) {
      chromium.close();
      throw t;
    }
  }

  private void connect() throws Exception {
    BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
    List<String> said = new ArrayList<>();
    for (String line = err.readLine(); line != null; line = err.readLine()) {
      said.add(line);
      if (line.startsWith(LISTENING)) {
        drain(err);
        socket =
            HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(line.substring(LISTENING.length())), this)
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        return;
      }
    }
    throw new AssertionError("Chromium did not start: " + said);
  }

  private static void drain(BufferedReader reader) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (reader.readLine() != null) {
                  // nobody wants it
                }
              } catch (IOException ended) {
                // the browser has ended
              }
            },
            "chromium-output");
    thread.setDaemon(true);
    thread.start();
  }

  private void attach() throws Exception {
    String created = call("Target.createTarget", "\"url\":\"about:blank\"");
    String target = find("\"targetId\":\"([^\"]+)\"", created);
    String attached =
        call("Target.attachToTarget", "\"targetId\":\"" + target + "\",\"flatten\":true");
    session = ",\"sessionId\":\"" + find("\"sessionId\":\"([^\"]+)\"", attached) + "\"";
    call("Page.enable", "");
    call("Runtime.enable", "");
    call("Log.enable", "");
  }

  /** As wide and high as some screen. */
  void screen(int width, int height, boolean phone) throws Exception {
    call(
        "Emulation.setDeviceMetricsOverride",
        "\"width\":%d,\"height\":%d,\"deviceScaleFactor\":%d,\"mobile\":%s"
            .formatted(width, height, phone ? 2 : 1, phone));
  }

  /** Whether the expression is true in the page. */
  boolean is(String expression) throws Exception {
    return evaluate("!!(" + expression + ")").contains("\"value\":true");
  }

  String evaluate(String expression) throws Exception {
    String quoted = expression.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ");
    return call(
        "Runtime.evaluate",
        "\"expression\":\"" + quoted + "\",\"returnByValue\":true,\"awaitPromise\":true");
  }

  /** Waits until the expression is true in the page. */
  void await(String expression) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!is(expression)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "never true: " + expression + " in " + evaluate("document.body.innerText"));
      }
      Thread.sleep(50);
    }
  }

  /** The whole page as an image. */
  void screenshot(Path file) throws Exception {
    String answer =
        call("Page.captureScreenshot", "\"format\":\"png\",\"captureBeyondViewport\":true");
    Files.write(file, Base64.getDecoder().decode(find("\"data\":\"([^\"]+)\"", answer)));
  }

  /** Exceptions of the page's script, and what the browser refused it. */
  List<String> complaints() {
    return complaints;
  }

  private String call(String method, String parameters) throws Exception {
    int id = ids.incrementAndGet();
    CompletableFuture<String> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    String text =
        "{\"id\":%d,\"method\":\"%s\",\"params\":{%s}%s}"
            .formatted(id, method, parameters, session);
    socket.sendText(text, true).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    String said = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (said.startsWith("{\"id\":" + id + ",\"error\"")) {
      throw new AssertionError(method + ": " + said);
    }
    return said;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    message.append(data);
    if (last) {
      String whole = message.toString();
      message.setLength(0);
      Matcher id = Pattern.compile("^\\{\"id\":(\\d+)").matcher(whole);
      if (id.find()) {
        CompletableFuture<String> answer = waiting.remove(Integer.valueOf(id.group(1)));
        if (answer != null) {
          answer.complete(whole);
        }
      } else if (whole.contains("\"method\":\"Runtime.exceptionThrown\"")
          || whole.contains("\"method\":\"Log.entryAdded\"")) {
        complaints.add(whole);
      }
    }
    from.request(1);
    return null;
  }

  private static String find(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    if (!matcher.find()) {
      throw new AssertionError(pattern + " is not in " + text);
    }
    return matcher.group(1);
  }

  /** Ends the browser and the processes that it started. */
  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
