package org.keepaliveagent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A short run of all races. A long one by hand:
 *
 * <pre>java -cp … org.openjdk.jcstress.Main -t policy.Races</pre>
 */
class RacesTest {
  /** Each of the four ran, with and without a stressed compiler. */
  private static final Pattern ALL_PASSED =
      Pattern.compile("Results: (\\d+) planned; \\1 passed, 0 failed, 0 soft errs, 0 hard errs");

  @TempDir Path folder;

  @Test
  void noForbiddenOutcomeShows() throws IOException, InterruptedException {
    Process jcstress =
        new ProcessBuilder(
                List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "org.openjdk.jcstress.Main",
                    "-t",
                    "policy.Races",
                    "-m",
                    "quick",
                    "-f",
                    "1",
                    "-iters",
                    "3",
                    "-time",
                    "400",
                    "-sc",
                    "false",
                    "-jvmArgs",
                    "-XX:+UseSerialGC",
                    "-hs",
                    "64",
                    "-r",
                    folder.toString()))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(jcstress.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(jcstress.waitFor(60, TimeUnit.SECONDS), output);
    assertEquals(0, jcstress.exitValue(), output);
    assertTrue(ALL_PASSED.matcher(output).find(), output);
  }
}
