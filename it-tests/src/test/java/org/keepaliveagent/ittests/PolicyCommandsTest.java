package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that need no JVM to attach to, with the real jar. */
class PolicyCommandsTest {
  @TempDir Path folder;

  private record Ended(int code, String out, String err) {}

  private static Ended run(List<String> options, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(options);
    command.addAll(List.of("-jar", Artifacts.AGENT.toString()));
    command.addAll(List.of(arguments));
    try (ForkedJvm jvm = ForkedJvm.start(command, Map.of())) {
      int code = jvm.awaitExit();
      return new Ended(code, String.join("\n", jvm.out()), String.join("\n", jvm.err()));
    }
  }

  private String file(String name, String content) throws Exception {
    return Files.writeString(folder.resolve(name), content).toString();
  }

  @Test
  void checkEndsWithZeroForAGoodFileAndOneForABadOne() throws Exception {
    String good = file("good.yaml", "upstreams:\n- {match: a, keepalive: 3}\n");
    Ended checked = run(List.of(), "check", good);
    assertEquals(0, checked.code, checked.err);
    assertTrue(checked.out.contains("good, 1 upstream"), checked.out);
    String bad = file("bad.yaml", "upstreams:\n- {match: a, keepalive: x}\n");
    Ended refused = run(List.of(), "check", bad, "--format", "json");
    assertEquals(1, refused.code, refused.err);
    assertTrue(refused.out.contains("\"id\": \"KA102\""), refused.out);
    assertEquals(2, run(List.of(), "check", bad, "--formt", "json").code);
    assertEquals(2, run(List.of(), "check", bad, "--upstream", "a:80").code);
  }

  @Test
  void aRequestIsExplained() throws Exception {
    String good = file("p.yaml", "upstreams:\n- {match: a, next_upstream: error}\n");
    Ended told = run(List.of(), "check", good, "--upstream", "http://a", "--method", "post");
    assertEquals(0, told.code, told.err);
    assertTrue(told.out.startsWith("POST http://a:80 goes by the policy a"), told.out);
  }

  @Test
  void aConvertedFileIsGoodAgain() throws Exception {
    String nginx =
        file(
            "nginx.conf",
            "upstream u { server u:1; least_conn; }\nserver { location / { proxy_pass http://u; } }\n");
    Ended converted = run(List.of(), "convert", nginx);
    assertEquals(0, converted.code, converted.err);
    assertTrue(converted.err.contains("least_conn"), converted.err);
    assertEquals(0, run(List.of(), "check", file("again.yaml", converted.out)).code);
  }

  @Test
  void aHostileFileOfTenMegabytesNeedsLittleMemory() throws Exception {
    for (String name : List.of("big.yaml", "big.conf")) {
      String big = file(name, "a: [".repeat(2_500_000));
      Ended refused = run(List.of("-Xmx48m"), "check", big);
      assertEquals(1, refused.code, refused.err);
      assertTrue(refused.out.contains("KA153"), refused.out);
      String largest = file(name, "a: [".repeat((1 << 20) / 4));
      assertEquals(1, run(List.of("-Xmx64m"), "check", largest).code);
    }
  }
}
