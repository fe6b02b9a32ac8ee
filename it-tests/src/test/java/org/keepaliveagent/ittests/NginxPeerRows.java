package org.keepaliveagent.ittests;

import static org.keepaliveagent.ittests.NginxRow.ANSWERS;
import static org.keepaliveagent.ittests.NginxRow.STALE_ONCE;
import static org.keepaliveagent.ittests.NginxRow.better;
import static org.keepaliveagent.ittests.NginxRow.same;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.ScriptedUpstream.Script;

/** Those of {@link NginxRows} in which several servers have a part. */
final class NginxPeerRows {
  private static final Script DROPS = (connection, request) -> Cue.CLOSE;
  private static final Script STALLS = (connection, request) -> Cue.STALL;

  private NginxPeerRows() {}

  static List<NginxRow> all() {
    List<NginxRow> rows = new ArrayList<>();
    rows.addAll(severalStaleOnes());
    rows.addAll(nextUpstream());
    rows.addAll(peers());
    return rows;
  }

  /** Several servers with a stale connection each. */
  private static List<NginxRow> severalStaleOnes() {
    String failing = " max_fails=1 fail_timeout=10s;";
    return List.of(
        better("two servers with a stale connection each: 200, nobody disabled (nginx: 502, both)")
            .upstream("server %1$s" + failing + "server %2$s" + failing + "keepalive 8;")
            .servers(STALE_ONCE, STALE_ONCE)
            .play(
                stage -> stage.get(4),
                "200 200 502 502 | 1/2 | 1/2",
                "200 200 200 200 | 2/3 | 2/3",
                "200 200 502 502 | 1/2 | 1/2"),
        better("the same where nobody can be disabled: 200 (nginx: 502)")
            .upstream("server %1$s max_fails=0; server %2$s max_fails=0; keepalive 8;")
            .servers(STALE_ONCE, STALE_ONCE)
            .play(
                stage -> stage.get(3),
                "200 200 502 | 1/2 | 1/2",
                "200 200 200 | 2/3 | 1/1",
                "200 200 502 | 1/2 | 1/1"),
        better("a stale primary is asked again (nginx: its backup serves, and it is disabled)")
            .upstream("server %1$s" + failing + "server %2$s backup; keepalive 8;")
            .servers(STALE_ONCE, ANSWERS)
            .play(
                stage -> stage.get(3),
                "200 200 200 | 1/2 | 1/2",
                "200 200 200 | 2/4 | 0/0",
                "200 502 200 | 2/3 | 0/0"),
        better("a POST on a stale connection fails and disables nobody (nginx: its server)")
            .upstream("server %1$s" + failing + "server %2$s" + failing + "keepalive 8;")
            .servers(STALE_ONCE, ANSWERS)
            .play(
                stage -> {
                  stage.get(2);
                  stage.send("POST");
                  stage.get(3);
                },
                "200 200 502 200 200 200 | 1/2 | 1/4",
                "200 200 502 200 200 200 | 2/3 | 1/3",
                "200 200 502 200 200 200 | 2/3 | 1/3"));
  }

  /** Failures on fresh connections, and what is listed. */
  private static List<NginxRow> nextUpstream() {
    String both = "server %1$s max_fails=0; server %2$s max_fails=0; keepalive 8;";
    String three =
        "server %1$s max_fails=0; server %2$s max_fails=0; server %3$s max_fails=0; keepalive 8;";
    return List.of(
        same("a dropped connection sends a GET on to the next server, and no POST")
            .upstream(both)
            .servers(DROPS, DROPS)
            .play(
                stage -> {
                  stage.get();
                  stage.send("POST");
                },
                "502 502 | 1/1 | 2/2",
                "502 502 | 1/1 | 1/1"),
        same("a refused connection sends a POST on too: nothing of it was sent")
            .upstream("server 127.0.0.1:1 max_fails=0; server %1$s max_fails=0; keepalive 8;")
            .servers(ANSWERS)
            .play(
                stage -> {
                  stage.send("POST");
                  stage.send("POST");
                },
                "200 200 | 1/2",
                "502 200 | 1/1"),
        same("an unreadable head sends a GET on where it is listed")
            .upstream(both)
            .location("proxy_next_upstream invalid_header;")
            .servers((connection, request) -> Cue.ANSWER_BAD_HEADER, ANSWERS)
            .play(NginxStage::get, "200 | 1/1 | 1/1", "502 | 1/1 | 0/0"),
        same("an unreadable head does not where it is not")
            .upstream(both)
            .servers((connection, request) -> Cue.ANSWER_BAD_HEADER, ANSWERS)
            .play(NginxStage::get, "502 | 1/1 | 0/0", "502 | 1/1 | 0/0"),
        same("a silent server sends a GET on where timeout is listed")
            .upstream(both)
            .location("proxy_read_timeout 2s;")
            .servers(STALLS, ANSWERS)
            .play(NginxStage::get, "200 | 1/1 | 1/1", "504 | 1/1 | 0/0"),
        same("a listed status sends a GET on, and no POST")
            .upstream(both)
            .location("proxy_next_upstream http_503;")
            .servers((connection, request) -> Cue.ANSWER_STATUS, ANSWERS)
            .play(
                stage -> {
                  stage.server(0).status(503);
                  stage.get(2);
                  stage.send("POST");
                },
                "200 200 503 | 2/2 | 1/2",
                "503 200 503 | 1/2 | 1/1"),
        same("a listed status of the last server passes")
            .upstream(both)
            .location("proxy_next_upstream http_503;")
            .servers(
                (connection, request) -> Cue.ANSWER_STATUS,
                (connection, request) -> Cue.ANSWER_STATUS)
            .play(
                stage -> {
                  stage.server(0).status(503);
                  stage.server(1).status(503);
                  stage.get();
                },
                "503 | 1/1 | 1/1",
                "503 | 1/1 | 0/0"),
        same("a status that is not listed passes")
            .upstream(both)
            .location("proxy_next_upstream http_502;")
            .servers((connection, request) -> Cue.ANSWER_STATUS, ANSWERS)
            .play(
                stage -> {
                  stage.server(0).status(503);
                  stage.get();
                },
                "503 | 1/1 | 0/0",
                "503 | 1/1 | 0/0"),
        same("proxy_next_upstream_tries 2: two of three servers are tried")
            .upstream(three)
            .location("proxy_next_upstream_tries 2;")
            .servers(DROPS, DROPS, DROPS)
            .play(NginxStage::get, "502 | 1/1 | 1/1 | 0/0", "502 | 1/1 | 0/0 | 0/0"),
        same("proxy_next_upstream_timeout: no attempt begins after it")
            .upstream(three)
            .location("proxy_read_timeout 2s; proxy_next_upstream_timeout 3s;")
            .servers(STALLS, STALLS, STALLS)
            .play(NginxStage::get, "504 | 1/1 | 1/1 | 0/0", "504 | 1/1 | 0/0 | 0/0"));
  }

  /** Who is chosen. */
  private static List<NginxRow> peers() {
    return List.of(
        better("max_fails 2: left out after two; what is repeated goes out fresh (nginx: parked)")
            .upstream("server %1$s max_fails=2 fail_timeout=30s; server %2$s; keepalive 8;")
            .servers(DROPS, ANSWERS)
            .play(
                stage -> stage.get(6),
                "200 200 200 200 200 200 | 2/2 | 1/6",
                "200 200 200 200 200 200 | 2/2 | 2/6",
                "502 200 502 200 502 200 | 3/3 | 1/3"),
        same("where all are left out the answer is 502, and nobody is asked")
            .upstream(
                "server %1$s max_fails=1 fail_timeout=30s;"
                    + "server %2$s max_fails=1 fail_timeout=30s; keepalive 8;")
            .servers(DROPS, DROPS)
            .play(stage -> stage.get(3), "502 502 502 | 1/1 | 1/1", "502 502 502 | 2/2 | 1/1"),
        same("after fail_timeout one request finds out whether the server is back")
            .upstream("server %1$s max_fails=1 fail_timeout=1s; server %2$s backup; keepalive 8;")
            .servers((connection, request) -> connection == 1 ? Cue.CLOSE : Cue.ANSWER, ANSWERS)
            .play(
                stage -> {
                  stage.get(2);
                  stage.pass(2500);
                  stage.get(2);
                },
                "200 200 200 200 | 2/3 | 1/2",
                "502 200 200 200 | 2/4 | 0/0"),
        same("the only server is never left out")
            .upstream("server %1$s max_fails=1 fail_timeout=30s; keepalive 8;")
            .servers((connection, request) -> connection == 1 ? Cue.CLOSE : Cue.ANSWER)
            .play(stage -> stage.get(2), "502 200 | 2/2", "502 200 | 2/2"),
        same("max_conns 1: a second request at a time is answered by 502")
            .upstream("server %1$s max_conns=1; keepalive 8;")
            .servers(
                (connection, request) ->
                    connection == 1 && request == 1 ? Cue.ANSWER_IN_TURN : Cue.ANSWER)
            .play(NginxPeerRows::twoAtATime, "502 200 200 | 1/2", "200 200 200 | 2/3"),
        same("max_conns 1: a second request at a time goes to the next server")
            .upstream("server %1$s max_conns=1; server %2$s backup; keepalive 8;")
            .servers(
                (connection, request) ->
                    connection == 1 && request == 1 ? Cue.ANSWER_IN_TURN : Cue.ANSWER,
                ANSWERS)
            .play(NginxPeerRows::twoAtATime, "200 200 200 | 1/2 | 1/1", "200 200 200 | 2/3 | 0/0"));
  }

  private static void twoAtATime(NginxStage stage) throws Exception {
    CompletableFuture<Void> first = stage.inBackground(stage::get);
    stage.await("the first request is there", () -> stage.server(0).requests() == 1);
    stage.get();
    stage.server(0).nextTurn();
    first.get(30, TimeUnit.SECONDS);
    stage.get();
  }
}
