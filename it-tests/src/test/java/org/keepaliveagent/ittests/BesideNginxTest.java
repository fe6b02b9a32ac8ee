package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each of {@link NginxRows} with the real jars, and beside a real nginx where there is one. The
 * agent takes its policy from the very file that the proxy runs, as nginx 1.22 reads it.
 */
@Timeout(120)
class BesideNginxTest {
  private static final List<NginxRow> ROWS = NginxRows.all();

  /** One of the three: its stages, by row, and what stands before them. */
  private static final class Side {
    final List<NginxStage> stages = new ArrayList<>();
    Runnable endOfProxy = () -> {};
    int port;

    /** What stands inside {@code http}. */
    String configuration() throws IOException {
      StringBuilder upstreams = new StringBuilder();
      StringBuilder locations = new StringBuilder();
      for (int i = 0; i < ROWS.size(); i++) {
        NginxStage stage = NginxStage.of(ROWS.get(i), i);
        stages.add(stage);
        upstreams.append(stage.upstreamBlock(ROWS.get(i)));
        locations.append(stage.locationBlock(ROWS.get(i)));
      }
      return upstreams + "server { listen 127.0.0.1:@PORT@;\n" + locations + "}";
    }

    void play(NginxRow row, String expected, boolean enforces) throws Exception {
      assertEquals(expected, stages.get(ROWS.indexOf(row)).play(row, port, enforces));
    }

    void close() throws IOException {
      endOfProxy.run();
      for (NginxStage stage : stages) {
        stage.close();
      }
    }
  }

  private static final Side nginx = new Side();
  private static final Side agent = new Side();
  private static final Side alone = new Side();
  private static boolean nginxIsThere;

  @TempDir static Path folder;

  @BeforeAll
  static void start() throws Exception {
    startProxy(agent, "agent.conf", true);
    startProxy(alone, "alone.conf", false);
    nginxIsThere = ForkedNginx.isInstalled();
    if (nginxIsThere) {
      ForkedNginx real = ForkedNginx.start(folder, nginx.configuration());
      nginx.endOfProxy = real::close;
      nginx.port = real.port();
    }
  }

  private static void startProxy(Side side, String name, boolean underTheAgent) throws Exception {
    Path file = folder.resolve(name);
    Files.writeString(
        file,
        "worker_processes 1; events {}\nhttp {\n%s\n}\n"
            .formatted(side.configuration().replace("@PORT@", "0")));
    List<String> arguments = new ArrayList<>();
    if (underTheAgent) {
      arguments.add(ForkedProxy.agent("compat=1.22,policy=" + file));
    }
    arguments.addAll(List.of("-jar", Artifacts.PROXY.toString(), "-c", file.toString()));
    ForkedProxy proxy = ForkedProxy.start(arguments, "proxy-core ready on ", Map.of());
    side.endOfProxy = proxy::close;
    side.port = proxy.address().getPort();
  }

  @AfterAll
  static void stop() throws IOException {
    agent.close();
    alone.close();
    nginx.close();
  }

  static Stream<NginxRow> rows() {
    return ROWS.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void underTheAgent(NginxRow row) throws Exception {
    agent.play(row, row.agent(), true);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void withoutTheAgent(NginxRow row) throws Exception {
    alone.play(row, row.alone(), false);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void inNginx(NginxRow row) throws Exception {
    assumeTrue(nginxIsThere, "nginx 1.22 is not installed");
    nginx.play(row, row.nginx(), true);
  }
}
