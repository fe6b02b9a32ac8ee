package org.keepaliveagent.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Who may depend on whom: the arrows of the architecture, read from the poms. */
class ModuleRulesTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  /** A module's folder, and all of the project's modules that its main code may use. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.ofEntries(
          Map.entry("agent/hooks", Set.of()),
          Map.entry("agent/policy", Set.of("keepalive-hooks")),
          Map.entry("agent/config", Set.of("keepalive-policy")),
          Map.entry("agent/otel-extension", Set.of()),
          Map.entry("agent/telemetry", Set.of("keepalive-policy", "keepalive-otel-extension")),
          Map.entry("agent/premain", Set.of()),
          Map.entry(
              "agent/runtime",
              Set.of(
                  "keepalive-hooks",
                  "keepalive-policy",
                  "keepalive-config",
                  "keepalive-telemetry",
                  "keepalive-adapter-api")),
          Map.entry("instrumentation/adapter-api", Set.of("keepalive-hooks")),
          Map.entry("proxy-core", Set.of()),
          // Other people's proxies, and an application: nothing of the project.
          Map.entry("it-tests/proxies", Set.of()),
          Map.entry("it-tests/smoke", Set.of()));

  private static final Set<String> OF_AN_ADAPTER =
      Set.of("keepalive-hooks", "keepalive-adapter-api", "proxy-core");

  /** Made of everything, or made for tests alone. */
  private static final Set<String> FREE =
      Set.of(
          "agent/dist",
          "agent/policy-stress",
          "agent/fuzz",
          "agent/policy-bench",
          "instrumentation/conformance",
          "it-tests");

  @Test
  void eachModuleUsesOnlyWhatTheArchitectureAllows() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (String module : modules()) {
      if (FREE.contains(module)) {
        continue;
      }
      Set<String> allowed =
          ALLOWED.getOrDefault(
              module, module.startsWith("instrumentation/") ? OF_AN_ADAPTER : null);
      if (allowed == null) {
        wrong.add(module + " has no rule: add it to this test");
        continue;
      }
      for (String used : usedByMainCode(module)) {
        if (!allowed.contains(used)) {
          wrong.add(module + " must not use " + used);
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  private static List<String> modules() throws Exception {
    List<String> modules = new ArrayList<>();
    NodeList found = pom(ROOT).getElementsByTagName("module");
    for (int i = 0; i < found.getLength(); i++) {
      modules.add(found.item(i).getTextContent().trim());
    }
    return modules;
  }

  private static Set<String> usedByMainCode(String module) throws Exception {
    Set<String> used = new TreeSet<>();
    NodeList found = pom(ROOT.resolve(module)).getElementsByTagName("dependency");
    for (int i = 0; i < found.getLength(); i++) {
      Element dependency = (Element) found.item(i);
      if (text(dependency, "groupId").equals("org.keepaliveagent")
          && !text(dependency, "scope").equals("test")) {
        used.add(text(dependency, "artifactId"));
      }
    }
    return used;
  }

  private static Document pom(Path folder) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(folder.resolve("pom.xml").toFile());
  }

  private static String text(Element parent, String name) {
    Node child = parent.getElementsByTagName(name).item(0);
    return child == null ? "" : child.getTextContent().trim();
  }
}
