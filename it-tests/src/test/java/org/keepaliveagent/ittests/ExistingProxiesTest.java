package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Other people's proxies, none of their code or settings changed, under the agent. The long
 * version, with the figures of each proxy without it, is {@link ProxiesPageTest}.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ExistingProxiesTest {
  private static final int REQUESTS = 1000;
  static final String POLICY =
      "defaults: {next_upstream: [error, timeout], set_header: {Connection: \"\"}}\n";

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void noRequestIsLostOnceTheTimeoutIsLearned(ExistingProxy which) throws Exception {
    try (ProxyRig rig = ProxyRig.start(which, folder, List.of(ForkedProxy.agent("")))) {
      assertClean(rig.race(REQUESTS), rig);
    }
  }

  @ParameterizedTest
  @EnumSource
  void attachedWhileItServesTheAgentLosesNoRequestAndEndsTheRaces(ExistingProxy which)
      throws Exception {
    Path policy = Files.writeString(folder.resolve("policy.yaml"), POLICY);
    try (ProxyRig rig = ProxyRig.start(which, folder, List.of())) {
      rig.calm(REQUESTS);
      CompletableFuture<Void> attached = attach(rig, policy);
      while (!attached.isDone()) {
        assertClean(rig.calm(REQUESTS), rig);
      }
      attached.get();
      List<String> headers = rig.headersThatCross();
      headers.removeIf(header -> header.equalsIgnoreCase("connection: keep-alive"));
      assertEquals(which.hidesNominations() ? List.of("X-Secret: 1") : List.of(), headers);
      assertClean(rig.race(REQUESTS), rig);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRequestOnAResetConnectionIsSeenAndWhereItCanBeRepeated(ExistingProxy which)
      throws Exception {
    Path policy = Files.writeString(folder.resolve("policy.yaml"), POLICY);
    String tree = ResetTrace.draw(starter(which, folder), policy);
    assertTrue(tree.contains("connection reset  INTERNAL ERROR"), tree);
    assertEquals(which.repeats(), tree.contains("request retry  INTERNAL  → upstream GET"), tree);
  }

  /** In the background. */
  static CompletableFuture<Void> attach(ProxyRig rig, Path policy) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            rig.proxy().attach("policy=" + policy);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** With one upstream, whatever it could balance over. */
  static ForkedProxy.Starter starter(ExistingProxy which, Path folder) {
    return (port, options, environment) -> which.start(folder, List.of(port), options, environment);
  }

  private static void assertClean(Side side, ProxyRig rig) {
    assertTrue(side.isClean(), () -> side.json() + " " + rig.proxy().jvm().err());
  }
}
