package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.keepaliveagent.ittests.NginxRow.ANSWERS;
import static org.keepaliveagent.ittests.NginxRow.STALE;
import static org.keepaliveagent.ittests.NginxRow.better;
import static org.keepaliveagent.ittests.NginxRow.same;

import java.util.ArrayList;
import java.util.List;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.KernelTimers;

/**
 * The rows: how connections are kept, and what dies of a stale one. An outcome is the statuses that
 * the client saw, and for each server how many connections it accepted and how many requests it
 * read.
 */
final class NginxRows {
  private NginxRows() {}

  static List<NginxRow> all() {
    List<NginxRow> rows = new ArrayList<>();
    rows.addAll(limits());
    rows.addAll(staleOnes());
    rows.addAll(NginxPeerRows.all());
    return rows;
  }

  /** How connections are kept. */
  private static List<NginxRow> limits() {
    return List.of(
        same("keepalive N: of five idle connections the two used last stay")
            .upstream("server %1$s; keepalive 2;")
            .servers((connection, request) -> Cue.ANSWER_TOGETHER)
            .play(
                stage -> {
                  stage.server(0).together(5);
                  stage.getAtOnce(5);
                  stage.noteOpen(2);
                },
                "200 200 200 200 200 2 open | 5/5",
                "200 200 200 200 200 5 open | 5/5"),
        same("without keepalive each request has a connection of its own")
            .upstream("server %1$s;")
            .bareLocation()
            .servers(ANSWERS)
            .play(stage -> stage.get(2), "200 200 | 2/2", "200 200 | 1/2"),
        same("keepalive_requests 2: a connection carries two requests")
            .upstream("server %1$s; keepalive 8; keepalive_requests 2;")
            .servers(ANSWERS)
            .play(stage -> stage.get(4), "200 200 200 200 | 2/4", "200 200 200 200 | 1/4"),
        better("keepalive_time: an idle connection that is too old carries no request (nginx: one)")
            .upstream("server %1$s; keepalive 8; keepalive_time 1s;")
            .servers(ANSWERS)
            .play(
                stage -> {
                  stage.get();
                  stage.pass(1500);
                  stage.get();
                },
                "200 200 | 1/2",
                "200 200 | 2/2",
                "200 200 | 1/2"),
        same("keepalive_timeout: a connection that was idle for too long is closed")
            .upstream("server %1$s; keepalive 8; keepalive_timeout 1s;")
            .servers(ANSWERS)
            .play(
                stage -> {
                  stage.get();
                  stage.noteOpen(0);
                  stage.get();
                },
                "200 0 open 200 | 2/2",
                "200 1 open 200 | 1/2"),
        same("a connection that the server ended while it was idle is not used")
            .servers(ANSWERS)
            .play(
                stage -> {
                  stage.get();
                  stage.server(0).closeIdle(false);
                  stage.pass(1000);
                  stage.get();
                },
                "200 200 | 2/2",
                "200 200 | 2/2"),
        same("a connection on which the server said something unasked is not used")
            .servers(ANSWERS)
            .play(
                stage -> {
                  stage.get();
                  stage.server(0).sendStrayBytes();
                  stage.noteOpen(0);
                  stage.get();
                },
                "200 0 open 200 | 2/2",
                "200 0 open 200 | 2/2"),
        same("a connection whose request has no end yet is not kept after an early answer")
            .location("proxy_request_buffering off;")
            .servers((connection, request) -> Cue.ANSWER_EARLY_AND_STAY)
            .play(
                stage -> {
                  stage.sendHalf();
                  stage.noteOpen(0);
                  stage.get();
                },
                "200 0 open 200 | 2/2",
                "200 0 open 200 | 2/2"),
        same("of three connections the one parked last is used, and used again")
            .servers(
                (connection, request) ->
                    connection < 4 && request == 1 ? Cue.ANSWER_TOGETHER : Cue.ANSWER)
            .play(
                stage -> {
                  stage.server(0).together(3);
                  stage.getAtOnce(3);
                  stage.get(2);
                },
                "200 200 200 200 200 | 3/5",
                "200 200 200 200 200 | 3/5"),
        same("proxy_socket_keepalive on: the kernel probes the connection")
            .location("proxy_socket_keepalive on;")
            .servers(ANSWERS)
            .play(
                stage -> {
                  assumeTrue(KernelTimers.canBeRead(), "this system does not show socket timers");
                  stage.get();
                  int port = stage.server(0).clientPort(1);
                  long next = KernelTimers.keepaliveMillis(port, stage.server(0).port());
                  stage.note(next > 0 ? "probed" : "not probed");
                },
                "200 probed | 1/1",
                "200 not probed | 1/1"),
        better("hop-by-hop headers stay on their hop, nominated ones too (nginx forgets those)")
            .servers(ANSWERS)
            .play(
                stage -> {
                  stage.send(
                      "GET",
                      "Connection: X-Of-The-Hop",
                      "X-Of-The-Hop: 1",
                      "Keep-Alive: x",
                      "TE: x");
                  stage.noteCrossed("X-Of-The-Hop", "Keep-Alive", "TE");
                },
                "200 X-Of-The-Hop | 1/1",
                "200 | 1/1",
                "200 X-Of-The-Hop Keep-Alive TE | 1/1"));
  }

  /** One server, and a parked connection that dies with its next request. */
  private static List<NginxRow> staleOnes() {
    return List.of(
        same("a GET on a stale connection succeeds on a fresh one")
            .servers(STALE)
            .play(stage -> stage.get(2), "200 200 | 2/3", "200 502 | 1/2"),
        same("so does one whose connection is reset")
            .servers((connection, request) -> request == 1 ? Cue.ANSWER : Cue.RESET)
            .play(stage -> stage.get(2), "200 200 | 2/3", "200 502 | 1/2"),
        same("so do a PUT, a DELETE and a method that nobody knows")
            .servers(STALE)
            .play(
                stage -> {
                  stage.get();
                  stage.send("PUT");
                  stage.send("DELETE");
                  stage.send("FOO");
                },
                "200 200 200 200 | 4/7",
                "200 502 200 502 | 2/4"),
        same("a POST and a PATCH on a stale connection are not sent again")
            .servers(STALE)
            .play(
                stage -> {
                  stage.get();
                  stage.send("POST");
                  stage.get();
                  stage.send("PATCH");
                },
                "200 502 200 502 | 2/4",
                "200 502 200 502 | 2/4"),
        better("a POST is not sent on a connection idle for over half its time (nginx: 502)")
            .upstream("server %1$s; keepalive 8; keepalive_timeout 6s;")
            .servers(STALE)
            .play(
                stage -> {
                  stage.get();
                  stage.pass(3200);
                  stage.send("POST");
                },
                "200 502 | 1/2",
                "200 200 | 2/2",
                "200 502 | 1/2"),
        same("with non_idempotent a POST on a stale connection is sent again")
            .location("proxy_next_upstream error non_idempotent;")
            .servers(STALE)
            .play(
                stage -> {
                  stage.get();
                  stage.send("POST");
                },
                "200 200 | 2/3",
                "200 502 | 1/2"),
        same("with off a GET on a stale connection is not sent again")
            .location("proxy_next_upstream off;")
            .servers(STALE)
            .play(stage -> stage.get(2), "200 502 | 1/2", "200 502 | 1/2"),
        same("proxy_next_upstream_tries 1 does not count what dies of a stale connection")
            .location("proxy_next_upstream_tries 1;")
            .servers(STALE)
            .play(stage -> stage.get(2), "200 200 | 2/3", "200 502 | 1/2"),
        better("five stale siblings: one retry (nginx: five)")
            .servers(
                (connection, request) ->
                    connection > 5 ? Cue.ANSWER : request == 1 ? Cue.ANSWER_TOGETHER : Cue.CLOSE)
            .play(
                stage -> {
                  stage.server(0).together(5);
                  stage.getAtOnce(5);
                  stage.get();
                },
                "200 200 200 200 200 200 | 6/11",
                "200 200 200 200 200 200 | 6/7",
                "200 200 200 200 200 502 | 5/6"),
        same("a fresh connection that is dropped is not tried again on the only server")
            .servers((connection, request) -> Cue.CLOSE)
            .play(NginxStage::get, "502 | 1/1", "502 | 1/1"),
        better("after a part of a response nothing is sent again (nginx: a second execution)")
            .servers(
                (connection, request) ->
                    connection == 1 && request == 2 ? Cue.ANSWER_IN_PART : Cue.ANSWER)
            .play(stage -> stage.get(2), "200 200 | 2/3", "200 502 | 1/2", "200 502 | 1/2"),
        same("an unreadable head on a reused connection is no stale one, listed or not")
            .location("proxy_next_upstream error invalid_header;")
            .servers((connection, request) -> request == 1 ? Cue.ANSWER : Cue.ANSWER_BAD_HEADER)
            .play(stage -> stage.get(2), "200 502 | 1/2", "200 502 | 1/2"),
        same("nor is a server that says nothing in time")
            .location("proxy_read_timeout 2s;")
            .servers((connection, request) -> request == 1 ? Cue.ANSWER : Cue.STALL)
            .play(stage -> stage.get(2), "200 504 | 1/2", "200 504 | 1/2"));
  }
}
