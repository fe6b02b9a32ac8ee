package org.keepaliveagent.apachehttpclient4;

import java.io.IOException;
import org.junit.jupiter.api.Nested;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.ScriptedUpstream;

/** The asynchronous client. */
class AsyncConformanceTest {
  private abstract static class Rules extends ConformanceRules {
    private final String version;

    Rules(String version) {
      this.version = version;
    }

    @Override
    protected ClientDriver newClient(ScriptedUpstream upstream) throws IOException {
      return LibraryVersion.of(version)
          .driver(AsyncDriver.class, "http://127.0.0.1:" + upstream.port() + "/", null);
    }
  }

  @Nested
  class V4_0_2 extends Rules {
    V4_0_2() {
      super("async-4.0.2");
    }
  }

  @Nested
  class V4_1 extends Rules {
    V4_1() {
      super("async-4.1");
    }
  }

  @Nested
  class V4_1_5 extends Rules {
    V4_1_5() {
      super("async-4.1.5");
    }
  }
}
