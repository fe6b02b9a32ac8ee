package org.keepaliveagent.ittests.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code it-tests/bench chaos}, short. */
class ChaosTest {
  private static final int SECONDS = 90;

  @TempDir Path folder;

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void nothingIsLostDoubledOrLeaked() throws Exception {
    Evidence evidence = Chaos.evidence(new Arguments("", new String[0]));
    Chaos.run(evidence, folder, SECONDS, System.nanoTime());
    assertEquals(List.of(), evidence.missed());
  }
}
