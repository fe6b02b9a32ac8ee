package org.keepaliveagent.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Reply;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.conformance.TestTls;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Policy;

/** F7: one client that speaks HTTP/2 to one upstream and HTTP/1.1 to another. */
class Http2IsLeftAloneTest {
  @ParameterizedTest
  @Timeout(60)
  @ValueSource(strings = {"3.12.13", "3.14.9", "4.9.3", "4.12.1", "5.0.0", "5.5.1"})
  void streamsShareOneConnectionWhileTheOtherUpstreamsLimitsHold(String version) throws Exception {
    SSLContext context = TestTls.context();
    Policy policy =
        Policy.builder("strict")
            .maxRequests(2)
            .maxIdle(1)
            .removeHeader("Connection")
            .nextUpstream(EnumSet.of(FailureKind.ERROR), false)
            .build();
    try (Http2Upstream http2 = new Http2Upstream(context);
        ScriptedUpstream http1 = ScriptedUpstream.start();
        ClientDriver client =
            LibraryVersion.of(version)
                .driver(MixedDriver.class, http2.url(), http1.url(), context)) {
      AgentUnderTest agent = AgentUnderTest.with(policy);
      try {
        int shared = to(client, "http2").connection();
        for (int i = 0; i < 6; i++) {
          assertEquals(shared, to(client, "http2").connection());
          assertEquals(new Reply(200, 1 + i / 2, 1 + i % 2), to(client, "http1"));
        }
        http2.together(8);
        assertEquals(Set.of(shared), connections(client, 8));
        http2.together(1);
        assertEquals(shared, to(client, "http2").connection());
        assertEquals(List.of(), agent.faults());
        assertEquals(1, agent.upstreams().size(), "the agent took the other one for its own");
      } finally {
        agent.close();
      }
    }
  }

  private static Set<Integer> connections(ClientDriver client, int count) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Callable<Integer>> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        all.add(() -> to(client, "http2").connection());
      }
      Set<Integer> seen = new HashSet<>();
      for (Future<Integer> one : threads.invokeAll(all)) {
        seen.add(one.get());
      }
      return seen;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Reply to(ClientDriver client, String upstream) throws Exception {
    return client.send("GET", null, Map.of("X-To", upstream));
  }
}
