package org.keepaliveagent.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.HealthCheck;

/** R: whether a request may go once more. */
abstract class RetryRules extends HeaderRules {
  RetryRules(Subject subject) {
    super(subject);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLOSE", "RESET"})
  void R1_aGetOnAStaleConnectionSucceedsOnAFreshOne(Cue death) throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : death);
    AgentUnderTest under = under(p -> p.nextUpstream(ERROR, false));
    send("GET");
    assertEquals(new Reply(200, 2, 1), send("GET"));
    assertRequests(3);
    assertExecutedOnce();
    assertEquals(
        1,
        under.attempts().stream().filter(attempt -> attempt.resendCount == 1).count(),
        "attempts that the agent reports as the second");
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLOSE", "RESET"})
  void R2_aPostOnAStaleConnectionIsNotSentAgain(Cue death) throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : death);
    under(p -> p.nextUpstream(ERROR, false));
    send("GET");
    assertFails(() -> send("POST"));
    assertRequests(2);
  }

  @Test
  void R2_withoutAnyRetryRuleAPostIsNotSentAgainEither() throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
    under(p -> p);
    send("GET");
    assertFails(() -> send("POST"));
    assertRequests(2);
  }

  @Test
  void R2_aPostThatDiesWhileItIsWrittenIsNotSentAgain() throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.RESET_BEFORE_BODY);
    under(p -> p.nextUpstream(ERROR, false));
    send("GET");
    String large = "x".repeat(20_000_000);
    assertFails(() -> client.send("POST", large, Map.of()));
    assertRequests(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLOSE", "RESET"})
  void R3_withNonIdempotentAPostIsSentAgain(Cue death) throws IOException {
    skipIfUntested("R3");
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : death);
    under(p -> p.nextUpstream(ERROR, true));
    send("GET");
    assertEquals(new Reply(200, 2, 1), send("POST"));
    assertRequests(3);
  }

  @Test
  void R5_afterTheFirstByteOfAResponseNothingIsSentAgain() throws IOException {
    skipIfUntested("R5 part of a head");
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.ANSWER_IN_PART);
    under(p -> p.nextUpstream(ERROR, true));
    send("GET");
    assertFails(() -> send("GET"));
    assertRequests(2);
  }

  @Test
  void R7_offForbidsTheLibrarysOwnRetryToo() throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
    under(p -> p.nextUpstream(EnumSet.noneOf(FailureKind.class), false));
    send("GET");
    assertFails(() -> send("GET"));
    assertRequests(2);
  }

  @Test
  void R10_fiveStaleSiblingsMakeOneRetry() throws Exception {
    AgentUnderTest under = under(p -> p.nextUpstream(ERROR, false));
    fiveStale(under);
    assertEquals(new Reply(200, 6, 1), send("GET"));
    assertRequests(7);
  }

  @Test
  void R10_whatWasParkedNoLaterThanAStaleConnectionIsClosed() throws Exception {
    skipIfUntested("R10 siblings");
    AgentUnderTest under = under(p -> p.nextUpstream(ERROR, false));
    fiveStale(under);
    send("GET");
    under.sweep();
    await("the siblings are closed", () -> upstream.open() == 1);
  }

  /** Five parked connections that the upstream closes at their next request. */
  private void fiveStale(AgentUnderTest under) throws Exception {
    parkInTurn(under, 5);
    upstream.script((connection, request) -> connection > 5 ? Cue.ANSWER : Cue.CLOSE);
  }

  @Test
  void R4_aFailureOnAFreshConnectionIsRetriedWhileTriesAreLeft() throws IOException {
    skipIfUntested("R4");
    upstream.script((connection, request) -> connection == 1 ? Cue.CLOSE : Cue.ANSWER);
    under(p -> p.nextUpstream(ERROR, false).tries(2));
    assertEquals(new Reply(200, 2, 1), send("GET"));
    assertRequests(2);
  }

  @Test
  void R4_aFailureOnAFreshConnectionIsNotRetriedWhereItIsNotListed() throws IOException {
    upstream.script((connection, request) -> connection == 1 ? Cue.CLOSE : Cue.ANSWER);
    under(p -> p.nextUpstream(EnumSet.of(FailureKind.TIMEOUT), false).tries(2));
    assertFails(() -> send("GET"));
    assertRequests(1);
  }

  @Test
  void R5_afterAWholeHeadNothingIsSentAgain() throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.ANSWER_HALF_BODY);
    under(p -> p.nextUpstream(ERROR, true).tries(3));
    send("GET");
    assertFails(() -> send("GET"));
    assertRequests(2);
  }

  @Test
  void R6_aBodyThatCanBeReadOnceIsNotSentAgain() throws IOException {
    skipIfUntested("R6");
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
    under(p -> p.nextUpstream(ERROR, true));
    send("GET");
    assertFails(() -> client.sendOnce("PUT", "hello", Map.of("X-Request-Id", "once")));
    assertRequests(2);
  }

  @Test
  void R8_asManyAttemptsAreMadeOnFreshConnectionsAsAllowed() throws IOException {
    skipIfUntested("R8 tries");
    upstream.script((connection, request) -> Cue.CLOSE);
    under(p -> p.nextUpstream(ERROR, false).tries(3));
    assertFails(() -> send("GET"));
    assertRequests(3);
  }

  @Test
  void R8_oneTryIsTheOneThatFailed() throws IOException {
    upstream.script((connection, request) -> Cue.CLOSE);
    under(p -> p.nextUpstream(ERROR, false));
    assertFails(() -> send("GET"));
    assertRequests(1);
  }

  @Test
  void R8_afterItsTimeNothingIsSentAgain() throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
    under(p -> p.nextUpstream(ERROR, false).retryNanos(1));
    send("GET");
    assertFails(() -> send("GET"));
    assertRequests(2);
  }

  @Test
  void R9_aListedStatusIsAskedForAgain() throws IOException {
    skipIfUntested("R9");
    upstream.status(503);
    upstream.script((c, request) -> c == 1 && request == 1 ? Cue.ANSWER_STATUS : Cue.ANSWER);
    under(p -> p.nextUpstream(EnumSet.of(FailureKind.HTTP_503), false).tries(2));
    assertEquals(200, send("GET").status(), "the status that the caller sees");
    assertRequests(2);
  }

  @ParameterizedTest
  @CsvSource({"503,true", "503,false", "429,true", "408,true", "408,false"})
  void R9_aPostThatWasAnsweredIsNotSentAgain(int status, boolean withRule) throws IOException {
    upstream.status(status);
    upstream.respondWith("Retry-After: 0");
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.ANSWER_STATUS);
    under(p -> withRule ? p.nextUpstream(EnumSet.allOf(FailureKind.class), false).tries(3) : p);
    send("GET");
    assertEquals(status, send("POST").status(), "the status that the caller sees");
    assertRequests(2);
  }

  /** The same deaths without and with the agent, and what became of each; a page is made of it. */
  @ParameterizedTest
  @EnumSource(Death.class)
  void R2_whateverDiesAPostGoesOutOnce(Death death) throws Exception {
    for (String method : death.methods()) {
      String without = outcome(death, method);
      AgentUnderTest under = under(p -> p.nextUpstream(ERROR, false));
      String with = outcome(death, method);
      under.close();
      SupportRecorder.story(getClass(), subject(), death + " " + method, without, with);
      if (method.equals("POST") && !with.endsWith("1 sent")) {
        throw new AssertionError("with the agent a POST whose connection dies: " + with);
      }
    }
  }

  /** What the caller sees, and how often the upstream saw the request. */
  String outcome(Death death, String method) throws Exception {
    restartUpstream();
    ClientDriver fresh = newClient();
    int doomed = death.connections();
    if (doomed == 1) {
      send(fresh, "GET");
    } else {
      burst(fresh, doomed);
    }
    upstream.status(503);
    upstream.script((connection, request) -> connection <= doomed ? death.cue() : Cue.ANSWER);
    if (death == Death.IDLE_FIN) {
      upstream.closeIdle(false);
      await("the upstream's sockets are gone", () -> upstream.open() == 0);
      // Long enough for a client that listens while it idles to have noticed.
      Thread.sleep(100);
    }
    int sent = upstream.requests();
    String seen;
    try {
      seen = String.valueOf(send(fresh, method).status());
    } catch (IOException e) {
      seen = "fails";
    }
    return seen + ", " + (upstream.requests() - sent) + " sent";
  }

  /** Ways in which parked connections die. */
  enum Death {
    /** A FIN while it idles. */
    IDLE_FIN(1, Cue.ANSWER),
    /** A FIN after the next request. */
    FIN(1, Cue.CLOSE),
    /** A reset after the next request. */
    RESET(1, Cue.RESET),
    /** A FIN after the next request, on each of four connections. */
    FOUR_FIN(4, Cue.CLOSE),
    /** No death: a status that some libraries ask again for. */
    STATUS_503(1, Cue.ANSWER_STATUS);

    private final int connections;
    private final Cue cue;

    Death(int connections, Cue cue) {
      this.connections = connections;
      this.cue = cue;
    }

    int connections() {
      return connections;
    }

    Cue cue() {
      return cue;
    }

    List<String> methods() {
      return this == STATUS_503 ? List.of("POST") : List.of("GET", "PUT", "POST");
    }
  }

  @Test
  void R13_aPeerWhoseProbesFailHasItsIdleConnectionsClosed() throws Exception {
    AgentUnderTest under = under(p -> p.healthCheck(new HealthCheck("/healthz", 0, 2, 2)));
    send("GET");
    upstream.status(503);
    upstream.script((connection, request) -> Cue.ANSWER_STATUS);
    under.probe();
    under.sweep();
    await("one failure is not enough", () -> upstream.open() == 1);
    under.probe();
    under.sweep();
    await("it is closed", () -> upstream.open() == 0);
    upstream.script((connection, request) -> Cue.ANSWER);
    under.probe();
    under.probe();
    assertEquals(send("GET").connection(), send("GET").connection());
    under.sweep();
    await("it stays", () -> upstream.open() == 1);
  }
}
