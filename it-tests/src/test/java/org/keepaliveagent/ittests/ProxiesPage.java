package org.keepaliveagent.ittests;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.keepaliveagent.ittests.ProxyRow.Condition;
import org.keepaliveagent.ittests.ProxyRow.Counts;

/** The page of existing proxies, from what was measured. */
final class ProxiesPage {
  private final List<ProxyRow> rows;
  private final StringBuilder page = new StringBuilder();

  private ProxiesPage(List<ProxyRow> rows) {
    this.rows = rows;
  }

  static String of(List<ProxyRow> rows) {
    return new ProxiesPage(rows).page();
  }

  private String page() {
    page.append(
        """
        # Existing proxies

        Measured by `./mvnw -B verify -Dkeepalive.proxies=all` on each JDK; do not edit. The figures are [in a table](proxies.tsv) too.

        Other people's proxies as black boxes: each as its own quick start has it, in a JVM of its own, none of its code or
        settings changed, without the agent and with its jar. Half of the requests are GET, half POST with a body; a request is
        failed when the client does not get its 200.

        ## The keepalive race

        The upstream closes a connection that has been idle for %d ms, three of four with a FIN, the fourth with a reset. The
        clients (20 for Undertow, whose example allows so many connections for each of its threads; else 50) send at once, wait
        for all answers, and send again %d ± %d ms later. *Built-in* is the agent with no policy at all, *next_upstream* with
        `next_upstream: [error, timeout]`; *attached* is the same, brought to a process that was serving already. Before the
        requests that count, sixty bursts warm the proxy up and teach the agent the time-out.

        | proxy | JDK | | requests | GET failed of 10,000 | POST failed of 10,000 | executed twice | connections opened |
        |---|---|---|---|---|---|---|---|
        """
            .formatted(ProxyRig.IDLE_MILLIS, ProxyRig.GAP_MILLIS, ProxyRig.JITTER_MILLIS));
    for (ProxyRow row : rows) {
      Counts race = row.race();
      line(
          row.proxy(),
          row.jdk(),
          row.condition().text,
          race.requests(),
          ofTenThousand(race.failedGet(), race.gets()),
          ofTenThousand(race.failedPost(), race.posts()),
          race.executedTwice(),
          race.connections());
    }
    page.append(
        """

        A time-out of 50 ms is less than the agent's margin of 500 ms, so with the built-in policy no connection is used
        twice once it is learned; with `next_upstream`, GETs use those that have been idle for less than half of it.

        ## Reuse

        Requests for each connection to an upstream that keeps its connections, in bursts 20 ± 4 ms apart.

        | proxy | JDK | without | built-in policy | next_upstream |
        |---|---|---|---|---|
        """);
    byProxy()
        .forEach(
            (proxy, of) ->
                line(
                    proxy.title,
                    proxy.jdk,
                    reuse(of.get(Condition.WITHOUT)),
                    reuse(of.get(Condition.BUILT_IN)),
                    reuse(of.get(Condition.NEXT_UPSTREAM))));
    page.append(
        """

        ## Attached while it serves

        The same calm load, while `java -jar keepalive-agent.jar attach PID` brings the agent to the process.

        | proxy | JDK | requests meanwhile | failed |
        |---|---|---|---|
        """);
    byProxy()
        .forEach(
            (proxy, of) -> {
              Counts calm = of.get(Condition.ATTACHED).calm();
              line(proxy.title, proxy.jdk, calm.requests(), calm.failedGet() + calm.failedPost());
            });
    page.append(
        """

        ## Headers of the hop

        What the upstream gets of a request with `Connection: close, X-Secret`, `X-Secret: 1`, `Keep-Alive`, `TE` and
        `Proxy-Connection`; *with* is with `set_header: {Connection: ""}`.

        | proxy | JDK | without | with |
        |---|---|---|---|
        """);
    byProxy()
        .forEach(
            (proxy, of) ->
                line(
                    proxy.title,
                    proxy.jdk,
                    headers(of.get(Condition.WITHOUT)),
                    headers(of.get(Condition.NEXT_UPSTREAM))));
    page.append(
        """

        ## The trace of a reset

        A GET on a connection that is reset under it, with `next_upstream: [error, timeout]`, as the agent's spans show it.
        """);
    Map<String, Set<String>> traces = new LinkedHashMap<>();
    byProxy()
        .forEach(
            (proxy, of) ->
                traces
                    .computeIfAbsent(
                        of.get(Condition.NEXT_UPSTREAM).trace(), key -> new LinkedHashSet<>())
                    .add(proxy.title));
    traces.forEach(
        (trace, proxies) ->
            page.append('\n')
                .append(String.join("; ", proxies))
                .append(":\n\n```\n")
                .append(trace.replace("\\n", "\n"))
                .append("```\n"));
    return page.toString();
  }

  /** A proxy on one version of Java. */
  private record Subject(String title, int jdk) {}

  private Map<Subject, Map<Condition, ProxyRow>> byProxy() {
    Map<Subject, Map<Condition, ProxyRow>> proxies = new LinkedHashMap<>();
    for (ProxyRow row : rows) {
      proxies
          .computeIfAbsent(new Subject(row.proxy(), row.jdk()), key -> new LinkedHashMap<>())
          .put(row.condition(), row);
    }
    return proxies;
  }

  private static String ofTenThousand(int failed, int of) {
    return failed == 0
        ? "0"
        : String.format(Locale.ROOT, "%.0f", Math.max(1, 10_000.0 * failed / of));
  }

  private static String reuse(ProxyRow row) {
    Counts calm = row.calm();
    return String.format(
        Locale.ROOT, "%.0f", (double) calm.requests() / Math.max(1, calm.connections()));
  }

  private static String headers(ProxyRow row) {
    return row.headers().isEmpty() ? "none" : row.headers();
  }

  private void line(Object... cells) {
    page.append('|');
    for (Object cell : cells) {
      page.append(' ').append(cell).append(" |");
    }
    page.append('\n');
  }
}
