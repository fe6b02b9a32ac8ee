package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keepaliveagent.ittests.FickleOrigin.Habit;

/** The policy file changes while the application runs. */
class ReloadTest {
  private static final int RELOADS = 1000;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir Path folder;

  @Test
  void newLimitsReachParkedConnectionsAtOnceThroughASwappedLink() throws Exception {
    Path policy = link("first", "defaults: {keepalive: 4}\n");
    try (FickleOrigin server = FickleOrigin.start(Habit.NONE);
        ForkedProxy proxy = start(server, policy)) {
      request(proxy);
      assertEquals(1, server.open());
      link("second", "defaults: {keepalive: off}\n");
      proxy.jvm().awaitErr(line -> line.contains("policy read again"));
      server.awaitOpen(0);
      request(proxy);
      server.awaitOpen(0);
    }
  }

  @Test
  void aBadAMissingAndAnEmptyFileAreSaidOnceAndThePolicyStays() throws Exception {
    Path policy = folder.resolve("policy.yaml");
    Files.writeString(policy, "defaults: {keepalive: 4}\n");
    try (FickleOrigin server = FickleOrigin.start(Habit.NONE);
        ForkedProxy proxy = start(server, policy)) {
      request(proxy);
      Files.writeString(policy, "defaults: {keepalive: ha");
      proxy.jvm().awaitErr(line -> line.contains("KA140"));
      Files.delete(policy);
      proxy.jvm().awaitErr(line -> line.contains("KA150"));
      Files.writeString(policy, "");
      proxy.jvm().awaitErr(line -> line.contains("KA155"));
      request(proxy);
      assertEquals(1, server.open());
      Files.writeString(policy, "defaults: {keepalive: off}\n");
      proxy.jvm().awaitErr(line -> line.contains("policy read again"));
      server.awaitOpen(0);
      List<String> said =
          proxy.jvm().err().stream().filter(line -> line.contains("stays in force")).toList();
      assertEquals(3, said.size(), said.toString());
    }
  }

  @Test
  void theCommandReloadsAtOnce() throws Exception {
    Path policy = folder.resolve("policy.yaml");
    Files.writeString(policy, "defaults: {keepalive: 4}\n");
    try (FickleOrigin server = FickleOrigin.start(Habit.NONE);
        ForkedProxy proxy =
            ForkedProxy.start(
                folder,
                server.port(),
                List.of(ForkedProxy.agent("reload=off,policy=" + policy)),
                Map.of())) {
      request(proxy);
      Files.writeString(policy, "defaults: {keepalive: off}\n");
      try (ForkedJvm command =
          ForkedJvm.start(
              List.of("-jar", Artifacts.AGENT.toString(), "reload", "" + proxy.jvm().pid()),
              Map.of())) {
        assertEquals(0, command.awaitExit(), command.err().toString());
      }
      proxy.jvm().awaitErr(line -> line.contains("policy read again"));
      server.awaitOpen(0);
    }
  }

  @Test
  void aThousandReloadsUnderLoadFailNothingAndLeakNothing() throws Exception {
    Path policy = folder.resolve("policy.yaml");
    Files.writeString(policy, "defaults: {keepalive: 4}\n");
    try (ForkedJvm jvm =
        ForkedJvm.start(
            List.of(
                ForkedProxy.agent("jmx=on,reload=off,policy=" + policy),
                "-cp",
                Path.of("target/classes").toAbsolutePath()
                    + System.getProperty("path.separator")
                    + Path.of("target/test-classes").toAbsolutePath(),
                ReloadUnderLoad.class.getName(),
                policy.toString(),
                "" + RELOADS),
            Map.of())) {
      String result = jvm.awaitOut(line -> line.startsWith("failed="));
      int refused = RELOADS / 8;
      assertTrue(
          result.startsWith(
              "failed=0 left=0 reloads=" + (RELOADS + 1 - refused) + " refused=" + refused),
          () -> result + jvm.err());
    }
  }

  private ForkedProxy start(FickleOrigin server, Path policy) throws Exception {
    return ForkedProxy.start(
        folder,
        server.port(),
        List.of(ForkedProxy.agent("reload=100ms,policy=" + policy)),
        Map.of());
  }

  private void request(ForkedProxy proxy) throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(proxy.address()).build(), HttpResponse.BodyHandlers.ofString());
    assertEquals(200, response.statusCode());
  }

  /** As Kubernetes does it: the file is a link through a link that is swapped as a whole. */
  private Path link(String generation, String content) throws Exception {
    Path data = Files.createDirectory(folder.resolve(generation));
    Files.writeString(data.resolve("policy.yaml"), content);
    Path swapped = Files.createSymbolicLink(folder.resolve("..next"), data.getFileName());
    Files.move(
        swapped,
        folder.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    Path file = folder.resolve("policy.yaml");
    if (!Files.isSymbolicLink(file)) {
      Files.createSymbolicLink(file, Path.of("..data", "policy.yaml"));
    }
    return file;
  }
}
