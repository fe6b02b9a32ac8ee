package org.keepaliveagent.apachehttpclient5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Reply;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Policy;

/** Clients with a retry strategy of the application's own, which always says yes. */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("clients")
@Timeout(60)
class CustomStrategyTest {
  private final String version;
  private final Class<? extends ClientDriver> driver;
  private ScriptedUpstream upstream;
  private AgentUnderTest agent;
  private ClientDriver client;

  CustomStrategyTest(String version, Class<? extends ClientDriver> driver) {
    this.version = version;
    this.driver = driver;
  }

  static Stream<Object[]> clients() {
    return Stream.of("5.0.4", "5.3.1", "5.6.5")
        .flatMap(
            version ->
                Stream.of(EagerClients.Classic.class, EagerClients.Async.class)
                    .map(driver -> new Object[] {version, driver}));
  }

  @BeforeEach
  void start() throws IOException {
    upstream = ScriptedUpstream.start();
    agent = AgentUnderTest.with(Policy.builder("test").build());
    client = LibraryVersion.of(version).driver(driver, upstream.url());
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
  void aPostOnAStaleConnectionIsNotSentAgain() throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
    send("GET");
    assertThrows(IOException.class, () -> send("POST"));
    assertEquals(2, upstream.requests());
    assertEquals(200, send("GET").status(), "the client is as before");
  }

  @Test
  void aPostThatWasAnsweredIsNotSentAgain() throws IOException {
    upstream.status(503);
    upstream.script((connection, request) -> request == 2 ? Cue.ANSWER_STATUS : Cue.ANSWER);
    send("GET");
    assertEquals(503, send("POST").status());
    assertEquals(2, upstream.requests());
    assertEquals(200, send("GET").status(), "the client is as before");
  }

  @Test
  void aGetThatFailedIsSentAgainAsTheStrategySays() throws IOException {
    upstream.script((connection, request) -> connection == 1 ? Cue.CLOSE : Cue.ANSWER);
    assertEquals(200, send("GET").status());
    assertEquals(2, upstream.requests());
  }

  @Test
  void aGetThatWasAnsweredIsSentAgainAsTheStrategySays() throws IOException {
    upstream.status(503);
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
    upstream.status(503);
    upstream.script((connection, request) -> Cue.ANSWER_STATUS);
    assertEquals(503, send("GET").status());
    assertEquals(2, upstream.requests());
    assertEquals(503, send("GET").status());
    assertEquals(4, upstream.requests());
  }

  private Reply send(String method) throws IOException {
    return client.send(method, method.equals("POST") ? "hello" : null, Map.of());
  }
}
