package org.keepaliveagent.conformance;

import java.util.stream.Stream;

/** The rules over one broken pool; {@link BrokenPoolsTest} chooses it and runs them. */
class RulesOverBrokenPool extends ConformanceRules {
  private static Subject.Factory pool = ReferenceClient::new;

  RulesOverBrokenPool(Subject subject) {
    super(subject);
  }

  static void over(Subject.Factory next) {
    pool = next;
  }

  static Stream<Subject> subjects() {
    return Stream.of(new Subject(ReferenceClient.LIBRARY, "broken", "1", false, pool));
  }
}
