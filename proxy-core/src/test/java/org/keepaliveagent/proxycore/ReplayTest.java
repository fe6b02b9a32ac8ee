package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.dynamic.loading.ClassReloadingStrategy;
import net.bytebuddy.matcher.ElementMatchers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent, played by advice, calls {@link Exchange#start()} again instead of letting {@link
 * Exchange#failed} treat a failure, and has {@link ConnectionPool#lease} find nothing then.
 */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ReplayTest {
  /** What the advice saw and may do. */
  public static final List<String> FAILURES = new CopyOnWriteArrayList<>();

  public static final List<String> CLOSED = new CopyOnWriteArrayList<>();
  public static final AtomicBoolean FRESH = new AtomicBoolean();

  static final class Retry {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(@Advice.This Exchange exchange, @Advice.Argument(0) Throwable cause) {
      FAILURES.add(exchange.method() + " " + exchange.replayable() + " " + cause.getMessage());
      if (!exchange.replayable() || FAILURES.size() > 2) {
        return false;
      }
      FRESH.set(true);
      exchange.start();
      return true;
    }
  }

  static final class Lease {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter() {
      return FRESH.getAndSet(false);
    }
  }

  static final class Closed {
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(0) Channel connection, @Advice.Argument(1) boolean byPeer) {
      CLOSED.add(byPeer ? "there" : "here");
    }
  }

  @BeforeAll
  static void advise() {
    ByteBuddyAgent.install();
    ClassReloadingStrategy reloading = ClassReloadingStrategy.fromInstalledAgent();
    new ByteBuddy()
        .redefine(Exchange.class)
        .visit(Advice.to(Retry.class).on(ElementMatchers.named("failed")))
        .make()
        .load(Exchange.class.getClassLoader(), reloading);
    new ByteBuddy()
        .redefine(ConnectionPool.class)
        .visit(Advice.to(Lease.class).on(ElementMatchers.named("lease")))
        .visit(Advice.to(Closed.class).on(ElementMatchers.named("closed")))
        .make()
        .load(Exchange.class.getClassLoader(), reloading);
  }

  @AfterAll
  static void restore() throws Exception {
    ClassReloadingStrategy.fromInstalledAgent().reset(Exchange.class, ConnectionPool.class);
  }

  @BeforeEach
  void forget() {
    FAILURES.clear();
    CLOSED.clear();
    FRESH.set(false);
  }

  /** Fails the first requests on a connection in some way, once they have been read. */
  private static Origin failing(int connections, Origin.Script failure) throws Exception {
    return Origin.scripted(
        (serial, wire) -> {
          Wire.Message request = wire.message();
          if (serial <= connections) {
            failure.serve(serial, wire);
          } else {
            wire.send(Origin.ok(serial + " " + request.start() + " " + request.body()));
            wire.message();
          }
        });
  }

  @Test
  void aRequestThatWasCutOffIsSentAgainWithItsBody() throws Exception {
    try (Origin origin = failing(1, (serial, wire) -> {});
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("PUT / HTTP/1.1\nHost: h\nContent-Length: 4\n\nbody");
      assertEquals("2 PUT / HTTP/1.1 body", client.message().body());
      assertEquals(List.of("PUT true upstream closed the connection before a response"), FAILURES);
      assertEquals(List.of("there"), CLOSED);
      assertEquals(1, proxy.open());
      assertEquals(1, proxy.parked());
    }
  }

  @Test
  void eachAttemptIsInTheLog(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("access.log");
    String format =
        "log_format f '$upstream_addr; $upstream_status; $upstream_response_length;"
            + " $upstream_connect_time; $upstream_header_time; $upstream_response_time';";
    try (ClosedPort closed = new ClosedPort();
        Origin origin = failing(1, (serial, wire) -> {});
        TestProxy proxy =
            TestProxy.configured(
                """
                http {
                  %s access_log %s f;
                  upstream u { server 127.0.0.1:%d; server 127.0.0.1:%d; }
                  server { listen 127.0.0.1:0; location / { proxy_pass http://u; } }
                }
                """
                    .formatted(format, file, closed.number(), origin.port()));
        Wire client = proxy.connect()) {
      assertEquals("2 GET / HTTP/1.1 ", client.get("/").body());
      String line = new LogLines(file).await(1).get(0);
      String here = "127.0.0.1:" + origin.port();
      assertEquals(
          "127.0.0.1:%d, %s, %s; 502, 502, 200; 0, 0, 17; -, T, T; -, -, T; T, T, T"
              .formatted(closed.number(), here, here),
          line.replaceAll("\\d+\\.\\d{3}", "T").replace("127.T.1", "127.0.0.1"));
    }
  }

  @Test
  void aResetIsReplayed() throws Exception {
    try (Origin origin = failing(2, (serial, wire) -> wire.reset());
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n");
      client.send("3\nabc\n2\nde\n0\n\n");
      assertEquals("3 POST / HTTP/1.1 abcde", client.message().body());
      assertEquals(2, FAILURES.size());
      assertTrue(FAILURES.get(0).matches("POST true .*Connection reset.*"), FAILURES::toString);
      assertEquals(List.of("there", "there"), CLOSED);
    }
  }

  @Test
  void aPartOfAHeadIsNoResponse() throws Exception {
    try (Origin origin = failing(1, (serial, wire) -> wire.send("HTTP/1.1 200 OK\nContent-"));
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      assertEquals("2 GET / HTTP/1.1 ", client.get("/").body());
      assertEquals(List.of("GET true upstream closed the connection before a response"), FAILURES);
      assertEquals(List.of("there"), CLOSED);
    }
  }

  @Test
  void aRefusedConnectionIsTriedAgainInTurn() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        Origin there = Origin.counting();
        TestProxy proxy =
            TestProxy.configured(
                "http { upstream u { server 127.0.0.1:%d; server 127.0.0.1:%d; } server { listen 127.0.0.1:0; location / { proxy_pass http://u; } } }"
                    .formatted(closed.number(), there.port()));
        Wire client = proxy.connect()) {
      assertEquals("connection 1", client.get("/").body());
      assertEquals(1, FAILURES.size());
    }
  }

  @Test
  void theRestOfABodyFollowsTheReplay() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  Wire.Head head = wire.head();
                  String start = wire.text(5);
                  if (serial == 2) {
                    wire.send(Origin.ok(head.start() + " " + start + wire.text(6)));
                    wire.rest();
                  }
                });
        TestProxy proxy = TestProxy.with("proxy_request_buffering off;", origin);
        Wire client = proxy.connect()) {
      client.send("PUT / HTTP/1.1\nHost: h\nContent-Length: 11\n\nhello");
      TestProxy.await("the replay", () -> origin.accepted() == 2);
      client.send(" world");
      assertEquals("PUT / HTTP/1.1 hello world", client.message().body());
    }
  }

  @Test
  void aLargeBodyThatWasSentIsGone() throws Exception {
    try (Origin origin = failing(1, (serial, wire) -> {});
        TestProxy proxy = TestProxy.with("proxy_request_buffering off;", origin);
        Wire client = proxy.connect()) {
      client.send("PUT / HTTP/1.1\nHost: h\nContent-Length: 16385\n\n" + "x".repeat(16385));
      assertEquals("HTTP/1.1 502 Bad Gateway", client.message().start());
      assertEquals(List.of("PUT false upstream closed the connection before a response"), FAILURES);
      client.send("PUT / HTTP/1.1\nHost: h\nContent-Length: 16384\n\n" + "x".repeat(16384));
      assertTrue(client.message().body().startsWith("2 PUT / HTTP/1.1 xxx"));
    }
  }

  @Test
  void aBodyThatIsHereAsAWholeIsReplayedFromItsFile() throws Exception {
    String body = "0123456789abcdef".repeat(1 << 16);
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  Wire.Head head = wire.head();
                  if (serial == 1) {
                    wire.text(100_000);
                    wire.reset();
                  }
                  wire.send(Origin.ok(String.valueOf(wire.body(head).equals(body))));
                  wire.rest();
                });
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n100000\n" + body);
      client.send("\n0\n\n");
      assertEquals("true", client.message().body());
      assertEquals(1, FAILURES.size());
      assertTrue(FAILURES.get(0).startsWith("POST true "), FAILURES::toString);
    }
  }

  @Test
  void aResponseThatHasBegunIsNotReplayed() throws Exception {
    try (Origin origin =
            failing(1, (serial, wire) -> wire.send("HTTP/1.1 200 OK\nContent-Length: 9\n\npart"));
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.1\nHost: h\n\n");
      client.head();
      assertEquals("part", client.rest());
      assertEquals(List.of("GET false upstream closed the connection within a response"), FAILURES);
    }
  }

  @Test
  void aWaitingExchangeCanStartAgain() throws Exception {
    try (Origin origin = failing(1, (serial, wire) -> wire.rest());
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nContent-Length: 4\n\nbody");
      TestProxy.await("the first attempt", () -> proxy.open() == 1);
      Exchange exchange = proxy.exchange();
      proxy.onLoop(
          () -> {
            exchange.start();
            return null;
          });
      assertEquals("2 POST / HTTP/1.1 body", client.message().body());
      assertEquals(List.of(), FAILURES);
      assertEquals(List.of("here"), CLOSED);
    }
  }
}
