package org.keepaliveagent.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.keepaliveagent.policy.PolicyTable;

/** Any bytes as a policy in YAML. */
public final class YamlFuzz {
  private static final PolicyReader READER = new PolicyReader(null, Compat.V1_31, name -> null);

  private YamlFuzz() {}

  /** Called by the fuzzer; throws where the reader does what it must not. */
  public static void fuzzerTestOneInput(byte[] data) {
    PolicyReading reading = read(data);
    for (Problem problem : reading.problems()) {
      if (problem.kind() == ProblemKind.DEFECT) {
        throw new IllegalStateException(problem.toString());
      }
      problem.render("");
    }
    CheckReport report = new CheckReport("fuzz.yaml", reading);
    report.json();
    report.text();
    PolicyTable table = reading.table();
    if (table != null) {
      String yaml = Conversion.toYaml(reading).text();
      if (read(yaml.getBytes(StandardCharsets.UTF_8)).table() == null) {
        throw new IllegalStateException("a good policy became this bad one:\n" + yaml);
      }
    }
  }

  private static PolicyReading read(byte[] data) {
    return READER.read(Path.of("fuzz.yaml"), data, new Sources(), new Problems("fuzz.yaml"));
  }
}
