package org.keepaliveagent.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Each mistake is found by the rules that forbid it, which say so in words, and by no others. */
@Timeout(180)
class BrokenPoolsTest {
  /** Every pool is run over these: one or two for each kind of mistake. */
  private static final Set<String> RULES =
      Set.of(
          "L1_backToBackRequestsUseOneConnection",
          "L2_aConnectionIdleForLongerThanTheTimeoutIsNotLeased",
          "L4_aConnectionThatThePeerEndedWhileIdleIsNotLeased",
          "P1_aConnectionCarriesExactlyAsManyRequestsAsAllowed",
          "P3_aResponseThatAsksForItEndsItsConnection",
          "P4_theSweepClosesWithoutAnotherRequest",
          "H1_hopByHopAndNominatedHeadersDoNotCross",
          "R2_aPostOnAStaleConnectionIsNotSentAgain",
          "R7_offForbidsTheLibrarysOwnRetryToo",
          "T1_anAttemptThatTheUpstreamRefusesIsToldOf");

  /** Takes long, and is run over the pool alone that only it finds for sure. */
  private static final String BURSTS = "P7_thePoolsBooksStayRightAfterEveryKindOfEviction";

  @BeforeEach
  void waitForLess() {
    ScriptedUpstream.patienceSeconds = 2;
  }

  @AfterEach
  void waitAsBefore() {
    ScriptedUpstream.patienceSeconds = 10;
    RulesOverBrokenPool.over(ReferenceClient::new);
  }

  @Test
  void aPoolWithoutAMistakeBreaksNone() {
    assertEquals(Map.of(), broken(ReferenceClient::new, RULES));
  }

  @Test
  void aPoolThatNeverEvicts() {
    assertBroken(
        BrokenPools.NeverEvicts::new,
        Map.of(
            "L2",
            "went out on ==> expected: <2> but was: <1>",
            "L4",
            "it ended with java.net.SocketException"));
  }

  @Test
  void aPoolThatEvictsEverything() {
    assertBroken(
        BrokenPools.EvictsEverything::new,
        Map.of(
            "L1",
            "expected: <200 to request 2 on connection 1> but was: <200 to request 1 on connection 2>",
            "L2",
            "went out on ==> expected: <1> but was: <2>",
            "L4",
            "connections that the agent takes for parked ==> expected: <1> but was: <0>",
            "P1",
            "but was: <200 to request 1 on connection 2>",
            "R2",
            "was to fail, but was answered: 200 to request 1 on connection 2",
            "R7",
            "was to fail, but was answered: 200 to request 1 on connection 2"));
  }

  @Test
  void aPoolThatRetriesAPost() {
    assertBroken(
        BrokenPools.RetriesPost::new,
        Map.of(
            "R2",
            "a post on a stale connection is not sent again. But: the request was to fail, but was answered: 200",
            "R7",
            "was to fail, but was answered: 200"));
  }

  @Test
  void aPoolThatLeaks() {
    assertBroken(
        BrokenPools.Leaks::new,
        Map.of("L2", "waited in vain until the refused connection is closed"));
  }

  @Test
  void aPoolThatLeasesWhatIsClosed() {
    assertBroken(
        BrokenPools.LeasesAfterClose::new,
        Map.of("P4", "it ended with java.net.SocketException: Socket"));
  }

  @Test
  void aPoolThatSendsEveryHeader() {
    assertBroken(
        BrokenPools.SendsHopByHop::new, Map.of("H1", "keep-alive crossed: get / http/1.1"));
  }

  @Test
  void aPoolThatParksWhatShouldClose() {
    assertBroken(
        BrokenPools.ParksWhatShouldClose::new,
        Map.of(
            "P1",
            "waited in vain until full connections are closed",
            "P3",
            "a response that asks for it ends its connection. But: waited in vain until it is closed"));
  }

  @Test
  void aPoolThatTellsOfNoRefusal() {
    assertBroken(
        BrokenPools.TellsOfNoRefusal::new,
        Map.of(
            "T1",
            "an attempt that the upstream refuses is told of. But: waited in vain until the attempt"));
  }

  @Test
  void aPoolThatSharesConnections() {
    Map<String, String> broken = broken(BrokenPools.SharesConnections::new, Set.of(BURSTS));
    assertEquals(Set.of("P7"), broken.keySet());
    String message = broken.get("P7");
    assertTrue(message.contains("each needs a connection of its own, and one ended with"), message);
  }

  /** The rules that such a pool breaks are these, and each says this of it. */
  private static void assertBroken(Subject.Factory pool, Map<String, String> facts) {
    Map<String, String> broken = broken(pool, RULES);
    if (broken.containsKey("L1")) {
      // Where nothing is parked P4 fails if the upstream has heard of the close by then.
      broken.remove("P4");
    }
    assertEquals(facts.keySet(), broken.keySet(), broken::toString);
    facts.forEach((rule, fact) -> assertTrue(broken.get(rule).contains(fact), broken.get(rule)));
  }

  /** The messages of the rules that fail, by their numbers. */
  private static Map<String, String> broken(Subject.Factory pool, Set<String> rules) {
    RulesOverBrokenPool.over(pool);
    Set<String> seen = ConcurrentHashMap.newKeySet();
    Map<String, String> broken = new TreeMap<>();
    TestExecutionListener listener =
        new TestExecutionListener() {
          @Override
          public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            String name =
                test.getSource()
                    .filter(MethodSource.class::isInstance)
                    .map(source -> ((MethodSource) source).getMethodName())
                    .orElse(test.getDisplayName());
            seen.add(name);
            result
                .getThrowable()
                .ifPresent(thrown -> broken.put(name.split("_", 2)[0], thrown.getMessage()));
          }
        };
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request().selectors(selectors(rules)).build(),
            listener);
    assertTrue(seen.containsAll(rules), () -> "only these were run: " + seen);
    return broken;
  }

  private static List<DiscoverySelector> selectors(Set<String> rules) {
    List<DiscoverySelector> selectors = new ArrayList<>();
    for (Class<?> type = ConformanceRules.class; type != null; type = type.getSuperclass()) {
      for (Method method : type.getDeclaredMethods()) {
        if (rules.contains(method.getName())) {
          selectors.add(DiscoverySelectors.selectMethod(RulesOverBrokenPool.class, method));
        }
      }
    }
    return selectors;
  }
}
