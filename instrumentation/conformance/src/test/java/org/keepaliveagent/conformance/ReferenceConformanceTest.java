package org.keepaliveagent.conformance;

import java.util.stream.Stream;

/** A client that does all that it is told passes every rule. */
class ReferenceConformanceTest extends ConformanceRules {
  ReferenceConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    Subject plain = new Subject(ReferenceClient.LIBRARY, "", "1", false, ReferenceClient::new);
    return Stream.of(plain, plain.overTls());
  }
}
