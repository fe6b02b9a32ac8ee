package org.keepaliveagent.apachehttpclient5;

import java.io.IOException;
import org.junit.jupiter.api.Nested;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.ScriptedUpstream;

/** The asynchronous client: each version of the library with each pool that it has. */
class AsyncConformanceTest {
  private abstract static class Rules extends ConformanceRules {
    private final String version;
    private final String pool;

    Rules(String version, String pool) {
      this.version = version;
      this.pool = pool;
    }

    @Override
    protected ClientDriver newClient(ScriptedUpstream upstream) throws IOException {
      return LibraryVersion.of(version).driver(AsyncDriver.class, upstream.port(), pool);
    }
  }

  @Nested
  class V5_0_4_STRICT extends Rules {
    V5_0_4_STRICT() {
      super("5.0.4", "STRICT");
    }
  }

  @Nested
  class V5_0_4_LAX extends Rules {
    V5_0_4_LAX() {
      super("5.0.4", "LAX");
    }
  }

  @Nested
  class V5_3_1_STRICT extends Rules {
    V5_3_1_STRICT() {
      super("5.3.1", "STRICT");
    }
  }

  @Nested
  class V5_3_1_LAX extends Rules {
    V5_3_1_LAX() {
      super("5.3.1", "LAX");
    }
  }

  @Nested
  class V5_6_5_STRICT extends Rules {
    V5_6_5_STRICT() {
      super("5.6.5", "STRICT");
    }
  }

  @Nested
  class V5_6_5_LAX extends Rules {
    V5_6_5_LAX() {
      super("5.6.5", "LAX");
    }
  }

  @Nested
  class V5_6_5_OFFLOCK extends Rules {
    V5_6_5_OFFLOCK() {
      super("5.6.5", "OFFLOCK");
    }
  }
}
