package org.keepaliveagent.ittests.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code it-tests/bench jvms}: the agent, as a black box, on every Java. */
final class Jvms {
  private static final String USAGE =
      """
      usage: it-tests/bench jvms [--json] [--write] [JAVA_HOME...]
        JAVA_HOME  of the JDKs to run on; else those of the variable KEEPALIVE_JDKS, with a colon between two; else
                   those of the machine\
      """;

  private static final String ABOUT =
      """
      An application of the JDK's own clients, compiled for Java 8, with the agent's jar as it is shipped: given at the
      start (`-javaagent`), and attached to a process that has connections open.

      - **enforce**: nine requests under `keepalive_requests: 3` use three connections.
      - **stale GET repaired**: a GET on a connection that the upstream resets is answered all the same.
      - **spans**: its trace at an OTLP receiver has the attempt that died, the reset, the retry and the attempt that did not.
      - **stale POST sent once**: a POST on such a connection is not sent again.
      - **status**: the status page names the upstream.

      A version that is not on the machine is *not run*.\
      """;

  private static final List<Integer> WANTED = List.of(8, 11, 17, 21, 25);
  private static final String[] CHECKS = {
    "enforce", "stale GET repaired", "spans", "stale POST sent once", "status"
  };

  private final Evidence evidence;
  private final Table table;
  private final Path folder;

  private Jvms(Evidence evidence, Path folder) {
    this.evidence = evidence;
    this.folder = folder;
    List<String> columns = new ArrayList<>(List.of("Java", "version", "agent", "client"));
    Collections.addAll(columns, CHECKS);
    table = evidence.table("The smoke on every Java", columns.toArray(String[]::new));
  }

  /** Runs all, and exits with 1 where an aim is missed. */
  public static void main(String[] given) throws Exception {
    Arguments arguments = new Arguments(USAGE, given);
    Evidence evidence = new Evidence("jvms", "The agent on every Java", ABOUT, arguments, given);
    Map<Integer, Path> homes = JavaHomes.find(arguments.rest());
    Jvms jvms = new Jvms(evidence, Files.createTempDirectory("jvms"));
    for (int major : WANTED) {
      jvms.run(major, homes.remove(major));
    }
    Integer newest = homes.isEmpty() ? null : Collections.max(homes.keySet());
    if (newest == null || newest < Collections.max(WANTED)) {
      jvms.table.row("newer", "not run");
    } else {
      jvms.run(newest, homes.get(newest));
    }
    System.exit(evidence.finish());
  }

  private void run(int major, @Nullable Path home) {
    if (home == null) {
      table.row(Integer.toString(major), "not run");
      return;
    }
    run(major, home, false);
    run(major, home, true);
  }

  private void run(int major, Path home, boolean late) {
    String agent = late ? "attached" : "at the start";
    evidence.progress("Java " + major + ", " + agent);
    try (Smoke smoke = Smoke.start(JavaHomes.java(home), folder, late)) {
      for (String client : smoke.clients()) {
        List<Object> row = new ArrayList<>(List.of(Integer.toString(major), smoke.version()));
        row.addAll(List.of(agent, client));
        Map<String, Boolean> checks = smoke.check(client);
        for (String check : CHECKS) {
          boolean passed = checks.getOrDefault(check, false);
          row.add(passed ? "yes" : "NO");
          if (!passed) {
            evidence.missed(
                "Java %d, %s, %s: %s; the agent says %s"
                    .formatted(major, agent, client, check, smoke.saidOf(client)));
          }
        }
        table.row(row.toArray());
      }
    } catch (Exception | AssertionError e) {
      table.row(Integer.toString(major), "", agent, "failed");
      evidence.missed("Java " + major + ", " + agent + ": " + e);
    }
  }
}
