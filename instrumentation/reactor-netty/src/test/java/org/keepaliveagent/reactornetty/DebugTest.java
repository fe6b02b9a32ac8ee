package org.keepaliveagent.reactornetty;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.hooks.KeepaliveEngine;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.policy.Policy;

class DebugTest {
  @Test
  void show() throws Exception {
    try (AgentUnderTest agent = AgentUnderTest.with(Policy.builder("test").build());
        ScriptedUpstream up = ScriptedUpstream.start()) {
      KeepaliveEngine real = KeepaliveHooks.engine();
      KeepaliveHooks.engine(
          (KeepaliveEngine)
              java.lang.reflect.Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {KeepaliveEngine.class},
                  (p, m, a) -> {
                    Object r;
                    try {
                      r = m.invoke(real, a);
                    } catch (Throwable t) {
                      r = null;
                      t.printStackTrace(System.out);
                    }
                    System.out.println(
                        "CALL " + m.getName() + java.util.Arrays.toString(a) + " -> " + r);
                    return r;
                  }));
      try (var client =
          LibraryVersion.of(System.getProperty("v", "1.3.8"))
              .driver(ReactorNettyDriver.class, up.url(), null)) {
        for (int i = 0; i < 2; i++) {
          System.out.println(client.send("GET", null, Map.of()));
        }
      }
      System.out.println(agent.faults());
    }
  }
}
