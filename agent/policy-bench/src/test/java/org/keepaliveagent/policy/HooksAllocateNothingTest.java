package org.keepaliveagent.policy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** A short run of the benchmark: its times say nothing, its bytes are exact. */
class HooksAllocateNothingTest {
  @Test
  void anExchangeAllocatesNothing() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(HooksBenchmark.class.getSimpleName())
                    .param("connections", "1000")
                    .forks(1)
                    .warmupIterations(2)
                    .warmupTime(TimeValue.milliseconds(500))
                    .measurementIterations(2)
                    .measurementTime(TimeValue.milliseconds(300))
                    .addProfiler(GCProfiler.class)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    assertTrue(results.size() == 2, results.size() + " benchmarks ran");
    for (RunResult result : results) {
      double bytes = result.getSecondaryResults().get("gc.alloc.rate.norm").getScore();
      assertTrue(
          bytes < 0.5,
          result.getParams().getBenchmark() + " allocates " + bytes + " bytes an exchange");
    }
  }
}
