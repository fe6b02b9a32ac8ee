package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keepaliveagent.ittests.FickleOrigin.Habit;

/** {@code keepalive} where a proxy has a pool for each of its threads, and where it has one. */
class ProxyPoolsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "UNDERTOW_TWO_THREADS, process, 2",
    "UNDERTOW_TWO_THREADS, pool, 4",
    "SPRING_CLOUD_GATEWAY_5, process, 2",
    "SPRING_CLOUD_GATEWAY_5, pool, 2",
    "JETTY_12, pool, 2"
  })
  void keepaliveCountsAsItsScopeSays(ExistingProxy which, String scope, int left) throws Exception {
    try (FickleOrigin origin = FickleOrigin.start(Habit.SLOW);
        ForkedProxy proxy = start(which, origin, "keepalive: 2, keepalive_scope: " + scope)) {
      BurstLoad.bursts(proxy.address().getPort(), 20, 5, 0, 10, 1);
      origin.awaitOpen(left);
      // The sweep looks at least once a second, and must find none too many.
      Thread.sleep(1500);
      assertEquals(left, origin.open());
    }
  }

  @Test
  void theFindingOfTooManyIdleConnectionsMultipliesByThePools() throws Exception {
    try (FickleOrigin origin = FickleOrigin.start(Habit.SLOW);
        ForkedProxy proxy =
            start(
                ExistingProxy.UNDERTOW_TWO_THREADS,
                origin,
                "keepalive: 2, keepalive_scope: pool, instances: 3, upstream_max_connections: 11")) {
      BurstLoad.bursts(proxy.address().getPort(), 20, 5, 0, 10, 1);
      String said = proxy.jvm().awaitErr(line -> line.contains("KF03"));
      assertEquals(
          "keepalive 2, times 2 pools, times 3 processes, is more than 11",
          said.replaceFirst(".*(keepalive 2.*is more than 11).*", "$1"));
    }
  }

  private ForkedProxy start(ExistingProxy which, FickleOrigin origin, String directives)
      throws Exception {
    Path policy =
        Files.writeString(folder.resolve("policy.yaml"), "defaults: {" + directives + "}\n");
    List<String> options = List.of(ForkedProxy.agent("policy=" + policy));
    return which.start(folder, List.of(origin.port()), options, Map.of());
  }
}
