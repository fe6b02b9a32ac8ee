package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard and the alert rules ask for metrics and labels that the real jar has. */
class MonitoringFilesTest {
  private static final Path DASHBOARD = Path.of("../agent/docs/grafana/keepalive-agent.json");
  private static final Path RULES = Path.of("../agent/docs/prometheus/keepalive-agent.rules.yml");
  private static final Path PAGE = Path.of("../agent/docs/status.md");
  private static final Pattern NAME = Pattern.compile("\\b(?:upstream|http_client)_[a-z_]+");
  private static final Pattern SELECTOR =
      Pattern.compile("\\b(?:upstream|http_client)_[a-z_]+\\{([^}]*)\\}");
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) ");

  /** A connection's end is noticed, and a finding found, within a second or two. */
  private static final int MOST_TRIES = 2000;

  private static final Pattern GROUPING = Pattern.compile("\\bby \\(([^)]*)\\)");

  /** What Prometheus itself adds, what histograms bring, and what tells upstreams apart. */
  private static final Set<String> ALWAYS =
      Set.of("job", "le", "server_address", "server_port", "url_scheme", "library");

  @TempDir Path folder;

  @Test
  void theyNameMetricsAndLabelsThatExist() throws Exception {
    List<String> table = metricTable();
    Set<String> names = new TreeSet<>();
    Set<String> labels = new TreeSet<>(ALWAYS);
    for (String row : table) {
      String[] cells = row.split("\\|", -1);
      String name = cells[2].trim().replace("`", "");
      names.add(name);
      if (cells[3].trim().equals("histogram")) {
        names.addAll(List.of(name + "_bucket", name + "_sum", name + "_count"));
      }
      Matcher label = Pattern.compile("`([a-z_]+)`").matcher(cells[4]);
      while (label.find()) {
        labels.add(label.group(1));
      }
    }
    assertEquals(16, table.size(), table.toString());
    for (Path file : List.of(DASHBOARD, RULES)) {
      List<String> expressions = expressions(file);
      assertTrue(expressions.size() >= 7, expressions.toString());
      for (String expression : expressions) {
        Matcher name = NAME.matcher(expression.replaceAll("\"[^\"]*\"", ""));
        while (name.find()) {
          assertTrue(names.contains(name.group()), name.group() + " in " + file + " is no metric");
        }
        for (String label : labels(expression)) {
          assertTrue(labels.contains(label), label + " in " + file + " is no label");
        }
      }
    }
  }

  @Test
  void thePageNamesTheMetricsOfTheJar() throws Exception {
    Set<String> page = new TreeSet<>();
    for (String row : metricTable()) {
      page.add(row.split("\\|", -1)[2].trim().replace("`", ""));
    }
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    try (FickleOrigin origin = FickleOrigin.start();
        ForkedProxy proxy =
            ForkedProxy.start(
                folder, origin.port(), List.of(ForkedProxy.agent("status=0")), Map.of())) {
      get(client, proxy.address());
      String said = proxy.jvm().awaitErr(line -> line.contains("status page on "));
      URI metrics = URI.create(said.substring(said.indexOf("http://")) + "metrics");
      Set<String> types = new TreeSet<>();
      for (int i = 0; i < MOST_TRIES && !types.equals(page); i++) {
        get(client, proxy.address());
        Matcher type = TYPE.matcher(get(client, metrics));
        types.clear();
        while (type.find()) {
          types.add(type.group(1));
        }
      }
      assertEquals(page, types);
    }
  }

  private static String get(HttpClient client, URI from) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(from).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static List<String> metricTable() throws IOException {
    return Files.readAllLines(PAGE).stream()
        .filter(line -> line.startsWith("| `upstream.") || line.startsWith("| `http.client."))
        .toList();
  }

  private static List<String> labels(String expression) {
    List<String> labels = new ArrayList<>();
    Matcher selector = SELECTOR.matcher(expression);
    while (selector.find()) {
      Matcher label = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)").matcher(selector.group(1));
      while (label.find()) {
        labels.add(label.group(1));
      }
    }
    Matcher grouping = GROUPING.matcher(expression);
    while (grouping.find()) {
      labels.addAll(List.of(grouping.group(1).split("\\s*,\\s*", -1)));
    }
    return labels;
  }

  /** What stands behind {@code expr}, in one line each. */
  private static List<String> expressions(Path file) throws IOException {
    String text = Files.readString(file);
    List<String> expressions = new ArrayList<>();
    Matcher json = Pattern.compile("\"(?:expr|query)\": \"((?:[^\"\\\\]|\\\\.)*)\"").matcher(text);
    while (json.find()) {
      expressions.add(json.group(1).replace("\\\"", "\""));
    }
    Matcher yaml = Pattern.compile("expr: (?:>-\\n((?: {10}.*\\n)+)|(.*)\\n)").matcher(text);
    while (yaml.find()) {
      String block = yaml.group(1) == null ? yaml.group(2) : yaml.group(1);
      expressions.add(block.replaceAll("\\s+", " ").trim());
    }
    return expressions;
  }
}
