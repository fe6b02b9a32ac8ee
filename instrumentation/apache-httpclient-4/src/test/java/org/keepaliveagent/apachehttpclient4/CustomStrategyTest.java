package org.keepaliveagent.apachehttpclient4;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Reply;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Policy;

/** Blocking clients with a strategy of the application's own, which always says yes. */
@ParameterizedClass(name = "{0}, retries {1}")
@CsvSource({
  "4.3.6, true",
  "4.3.6, false",
  "4.4.1, true",
  "4.4.1, false",
  "4.5.14, true",
  "4.5.14, false"
})
@Timeout(60)
class CustomStrategyTest {
  private final String version;
  private final boolean retries;
  private ScriptedUpstream upstream;
  private AgentUnderTest agent;
  private ClientDriver client;

  CustomStrategyTest(String version, boolean retries) {
    this.version = version;
    this.retries = retries;
  }

  @BeforeEach
  void start() throws IOException {
    upstream = ScriptedUpstream.start();
    upstream.status(503);
    agent = AgentUnderTest.with(Policy.builder("test").build());
    client = LibraryVersion.of(version).driver(EagerClient.class, upstream.url(), retries);
  }

  @AfterEach
  void stop() throws IOException {
    List<String> faults = agent.faults();
    agent.close();
    client.close();
    upstream.close();
    assertEquals(List.of(), faults, "faults of the agent");
  }

  @Test
  void aPostThatWasAnsweredIsNotSentAgain() throws IOException {
    upstream.script(
        (connection, request) -> upstream.requests() == 2 ? Cue.ANSWER_STATUS : Cue.ANSWER);
    send("GET");
    assertEquals(503, send("POST").status());
    assertEquals(2, upstream.requests());
    assertEquals(200, send("GET").status(), "the client is as before");
  }

  @Test
  void aGetThatWasAnsweredIsSentAgainAsTheStrategySays() throws IOException {
    upstream.script(
        (connection, request) -> upstream.requests() < 3 ? Cue.ANSWER_STATUS : Cue.ANSWER);
    assertEquals(200, send("GET").status());
    assertEquals(3, upstream.requests());
  }

  @Test
  void aGetThatMayGoOnceMoreDoesNotGoTwiceMore() throws IOException {
    agent.reload(
        Policy.builder("test")
            .nextUpstream(EnumSet.of(FailureKind.HTTP_503), false)
            .tries(2)
            .build());
    upstream.script((connection, request) -> Cue.ANSWER_STATUS);
    assertEquals(503, send("GET").status());
    assertEquals(2, upstream.requests());
  }

  private Reply send(String method) throws IOException {
    return client.send(method, method.equals("POST") ? "hello" : null, Map.of());
  }
}
