package org.keepaliveagent.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.PolicyTable;

/** Reads policy files: YAML 1.2, or nginx's notation in a file that ends in {@code .conf}. */
public final class PolicyReader {
  private final @Nullable Mode override;
  private final Compat compat;
  private final Function<String, @Nullable String> environment;

  /**
   * A reader of policies.
   *
   * @param override the mode of every policy, whatever the file says; null to let the file decide
   * @param compat whose defaults hold in nginx's notation
   * @param environment an environment variable, or null
   */
  public PolicyReader(
      @Nullable Mode override, Compat compat, Function<String, @Nullable String> environment) {
    this.override = override;
    this.compat = compat;
    this.environment = environment;
  }

  /**
   * Reads a policy file and what it includes. Never throws, and takes no longer than its at most 1
   * MiB need: whatever is wrong is a {@link Problem}. An empty file is the built-in default.
   */
  public PolicyReading read(Path file) {
    Sources sources = new Sources();
    Problems problems = new Problems(file.toString());
    try {
      return read(file, sources.read(file), sources, problems);
    } catch (Sources.Unreadable e) {
      problems.add(e.kind(), e.detail());
      return PolicyReading.failed(problems.list(), sources);
    }
  }

  /** As {@link #read(Path)}, of a content that is at hand. */
  PolicyReading read(Path file, byte[] bytes, Sources sources, Problems problems) {
    try {
      SourceText text = SourceText.decode(bytes, file.toString(), problems);
      if (text != null) {
        Document document = new Document(file.toString(), text, problems, environment);
        PolicyTree tree =
            isNginx(file)
                ? nginx(document, new NginxFiles(file, sources, problems, environment))
                : yaml(document);
        tree.judge();
        if (!problems.anyError()) {
          List<Problem> warnings = problems.list();
          PolicyTable table = tree.table(override);
          return new PolicyReading(table, tree, override != null, warnings, sources);
        }
      }
    } catch (NginxParser.Broken e) {
      // has been reported
    } catch (RuntimeException e) {
      // Ours or the YAML library's: an application must not fail to start because of it.
      problems.add(ProblemKind.DEFECT, Words.shown(e.toString()));
    }
    return PolicyReading.failed(problems.list(), sources);
  }

  /** Whether a file is read as nginx's notation, by its name. */
  public static boolean isNginx(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".conf");
  }

  private static PolicyTree yaml(Document document) {
    Value root = Yaml.root(document);
    return root == null ? new PolicyTree() : YamlPolicy.read(root);
  }

  private PolicyTree nginx(Document document, NginxFiles files) throws NginxParser.Broken {
    return NginxPolicy.read(files.directives(document), compat);
  }
}
