package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code status PID} of the real jar. */
class StatusCommandTest {
  @TempDir Path folder;

  private record Ended(int code, String out, String err) {}

  private static Ended status(long pid, String... more) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("-jar", Artifacts.AGENT.toString(), "status", Long.toString(pid)));
    command.addAll(List.of(more));
    try (ForkedJvm jvm = ForkedJvm.start(command, Map.of())) {
      int code = jvm.awaitExit();
      return new Ended(code, String.join("\n", jvm.out()), String.join("\n", jvm.err()));
    }
  }

  @Test
  void itPrintsWhatTheAgentKnowsAndTheAgentThereSaysNothingOfIt() throws Exception {
    try (Origin origin = Origin.start();
        ForkedProxy proxy = start(origin, ForkedProxy.agent(""))) {
      send(proxy);
      proxy.jvm().awaitErr(line -> line.contains("the built-in policy"));
      List<String> before = proxy.jvm().err();
      Ended text = status(proxy.jvm().pid());
      assertEquals(0, text.code, text.err);
      assertTrue(text.out.contains("policy   the built-in policy"), text.out);
      assertTrue(text.out.contains("library  proxy-core in proxy-core-"), text.out);
      assertTrue(text.out.contains("http://127.0.0.1:" + origin.port() + "  policy"), text.out);
      assertTrue(text.out.contains("connections 1, idle 1, most at a time 1, opened 1"), text.out);
      assertTrue(text.out.contains("requests 2, on a reused connection 1"), text.out);
      Ended json = status(proxy.jvm().pid(), "--format", "json");
      assertEquals(0, json.code, json.err);
      assertTrue(json.out.startsWith("{\"version\":\""), json.out);
      assertTrue(json.out.contains("\"requests\":2,\"reused\":1,\"opened\":1"), json.out);
      // From JDK 21 on the JVM itself warns of what it calls an agent loaded dynamically.
      List<String> after = new ArrayList<>(proxy.jvm().err());
      after.removeIf(line -> line.startsWith("WARNING: "));
      assertEquals(before, after);
    }
  }

  @Test
  void anAgentThatStillWaitsSaysSo() throws Exception {
    try (Origin origin = Origin.start();
        ForkedProxy proxy =
            ForkedProxy.start(
                folder,
                origin.port(),
                // On epoll the first class of a library is loaded at the start.
                List.of(
                    ForkedProxy.agent(""),
                    "-Dkeepalive.shaded=off",
                    "-Dio.netty.transport.noNative=true"),
                Map.of())) {
      Ended waiting = status(proxy.jvm().pid());
      assertEquals(0, waiting.code, waiting.err);
      assertTrue(waiting.out.contains("It waits: no class of a library"), waiting.out);
      send(proxy);
      assertTrue(status(proxy.jvm().pid()).out.contains("requests 2"));
    }
  }

  @Test
  void aJvmWithoutTheAgentIsLeftAsItIs() throws Exception {
    try (Origin origin = Origin.start();
        ForkedProxy proxy = start(origin, "-Dno.agent=here")) {
      Ended refused = status(proxy.jvm().pid());
      assertEquals(1, refused.code);
      assertEquals("", refused.out);
      assertTrue(refused.err.contains("there is no Keepalive Agent in"), refused.err);
      assertTrue(refused.err.contains("nothing was changed there"), refused.err);
      assertTrue(refused.err.contains("attach " + proxy.jvm().pid() + " mode=observe"));
      send(proxy);
      assertEquals(List.of(), proxy.jvm().err());
      // It would know, had it come after all.
      assertEquals(1, status(proxy.jvm().pid()).code);
    }
  }

  @Test
  void aProcessThatIsNoneIsSaid() throws Exception {
    assertEquals(2, status(1, "--format", "xml").code);
    Ended none = status(999_999_999);
    assertEquals(1, none.code);
    assertTrue(none.err.contains("cannot attach to 999999999"), none.err);
  }

  private ForkedProxy start(Origin origin, String option) throws Exception {
    return ForkedProxy.start(folder, origin.port(), List.of(option), Map.of());
  }

  private static void send(ForkedProxy proxy) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    HttpRequest request = HttpRequest.newBuilder(proxy.address()).build();
    for (int i = 0; i < 2; i++) {
      assertEquals(200, client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
    }
  }
}
