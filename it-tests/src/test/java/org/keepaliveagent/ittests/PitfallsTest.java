package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each pitfall, brought about in a real application, is found and explained. */
class PitfallsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Pitfall.class)
  void isFound(Pitfall pitfall) throws Exception {
    String found = Pitfalls.provoke(pitfall, folder);
    assertTrue(found.contains("127.0.0.1:"), found);
    assertTrue(found.matches(".*[0-9].*"), found);
  }
}
