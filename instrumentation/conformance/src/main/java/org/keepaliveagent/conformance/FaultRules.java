package org.keepaliveagent.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * F, continued: one defect of ours at a time, in every call of the engine. An adapter extends this
 * class and gives a static method {@code subjects}.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("subjects")
public abstract class FaultRules extends RuleTest {
  private static final int AT_A_TIME = 3;
  private static final int ONE_BY_ONE = 2;
  private static final int DOOMED = 3;

  private int sent;

  protected FaultRules(Subject subject) {
    super(subject);
  }

  /** Of each client the newest version, plain: what is listed last. */
  protected static Stream<Subject> newest(Stream<Subject> subjects) {
    Map<String, Subject> newest = new LinkedHashMap<>();
    subjects
        .filter(subject -> !subject.tls())
        .forEach(subject -> newest.put(subject.library() + subject.client(), subject));
    return newest.values().stream();
  }

  static Stream<Defect> faults() {
    return Defect.faults();
  }

  static Stream<Defect> lies() {
    return Defect.lies();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void F1_aFaultInOneHookLeavesTheApplicationAsItWas(Defect defect) throws Exception {
    int alone = executionsOfADyingPost();
    restart();
    AgentUnderTest under = under(p -> p.nextUpstream(ERROR, false), defect);
    assertEquals(
        List.of(), failures(), defect + ": requests that a healthy upstream did not answer");
    assertNothingLeaks(under, defect);
    assertNotExecutedMoreOften(alone, defect);
    assertEquals(
        defect.met() > 0,
        under.faultsCounted() + under.strayFaults() > 0,
        defect + ": the fault is counted");
  }

  @ParameterizedTest
  @MethodSource("lies")
  void F1_aWrongAnswerDoublesNoPostAndHoldsNothingUp(Defect defect) throws Exception {
    int alone = executionsOfADyingPost();
    restart();
    AgentUnderTest under = under(p -> p.nextUpstream(ERROR, false), defect);
    failures();
    assertNothingLeaks(under, defect);
    assertNotExecutedMoreOften(alone, defect);
  }

  private void restart() throws IOException {
    restartUpstream();
    client = newClient();
  }

  /** Of requests one after the other, and then some at a time. */
  private List<String> failures() throws Exception {
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < ONE_BY_ONE; i++) {
      failures.addAll(failures(1));
    }
    failures.addAll(failures(AT_A_TIME));
    for (int i = 0; i < ONE_BY_ONE; i++) {
      failures.addAll(failures(1));
    }
    return failures;
  }

  private List<String> failures(int atATime) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(atATime);
    try {
      List<Callable<String>> all = new ArrayList<>();
      for (int i = 0; i < atATime; i++) {
        String method = sent++ % 2 == 0 ? "POST" : "GET";
        all.add(() -> failure(method));
      }
      List<String> failures = new ArrayList<>();
      for (Future<String> one : threads.invokeAll(all)) {
        failures.add(one.get());
      }
      failures.removeIf(String::isEmpty);
      return failures;
    } finally {
      threads.shutdownNow();
    }
  }

  private String failure(String method) {
    try {
      int status = send(method).status();
      return status == 200 ? "" : method + " " + status;
    } catch (IOException | RuntimeException e) {
      return method + " " + e;
    }
  }

  /** What is open was busy at a time, or else the agent knows it and will close it. */
  private void assertNothingLeaks(AgentUnderTest under, Defect defect) throws InterruptedException {
    await(
        () ->
            defect
                + ": no connection is forgotten; "
                + upstream.open()
                + " are open, "
                + under.idle()
                + " idle",
        () -> upstream.open() <= AT_A_TIME || upstream.open() == under.idle());
  }

  private void assertNotExecutedMoreOften(int alone, Defect defect) throws IOException {
    assertTrue(
        executionsOfADyingPost() <= alone,
        defect + ": a POST was executed more often than without the agent");
  }

  /** Of one that the upstream executes and does not answer, on a connection that was idle. */
  private int executionsOfADyingPost() throws IOException {
    restart();
    failure("GET");
    upstream.script(
        (connection, request) ->
            connection > DOOMED || (connection == 1 && request == 1)
                ? Cue.ANSWER
                : Cue.EXECUTE_AND_CLOSE);
    try {
      client.send("POST", "hello", Map.of("X-Request-Id", "dying"));
    } catch (IOException | RuntimeException reported) {
      // whatever the library makes of it
    }
    return upstream.executions("dying");
  }
}
