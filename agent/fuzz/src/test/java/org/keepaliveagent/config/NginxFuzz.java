package org.keepaliveagent.config;

import java.util.List;

/** Any bytes as a policy in nginx's notation; no file is included. */
public final class NginxFuzz {
  private NginxFuzz() {}

  /** Called by the fuzzer; throws where the reader does what it must not. */
  public static void fuzzerTestOneInput(byte[] data) {
    Problems problems = new Problems("fuzz.conf");
    SourceText text = SourceText.decode(data, "fuzz.conf", problems);
    if (text == null) {
      return;
    }
    Document document = new Document("fuzz.conf", text, problems, name -> null);
    try {
      List<NginxDirective> directives = NginxParser.parse(document, null);
      for (Compat compat : Compat.values()) {
        PolicyTree tree = NginxPolicy.read(directives, compat);
        tree.judge();
        if (!problems.anyError()) {
          tree.table(null);
        }
      }
    } catch (NginxParser.Broken e) {
      if (problems.list().isEmpty()) {
        throw new IllegalStateException("a refusal without a reason", e);
      }
    }
    for (Problem problem : problems.list()) {
      problem.render("");
    }
  }
}
