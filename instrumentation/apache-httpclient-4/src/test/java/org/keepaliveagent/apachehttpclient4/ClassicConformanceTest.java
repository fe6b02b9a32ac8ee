package org.keepaliveagent.apachehttpclient4;

import java.io.IOException;
import org.junit.jupiter.api.Nested;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.ScriptedUpstream;

/** The blocking client. */
class ClassicConformanceTest {
  private abstract static class Rules extends ConformanceRules {
    private final String version;

    Rules(String version) {
      this.version = version;
    }

    @Override
    protected ClientDriver newClient(ScriptedUpstream upstream) throws IOException {
      return LibraryVersion.of(version)
          .driver(ClassicDriver.class, "http://127.0.0.1:" + upstream.port() + "/", null);
    }
  }

  @Nested
  class V4_3_6 extends Rules {
    V4_3_6() {
      super("4.3.6");
    }
  }

  @Nested
  class V4_4_1 extends Rules {
    V4_4_1() {
      super("4.4.1");
    }
  }

  @Nested
  class V4_5_14 extends Rules {
    V4_5_14() {
      super("4.5.14");
    }
  }
}
