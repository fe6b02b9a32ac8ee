package org.keepaliveagent.apachehttpclient4;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.FaultRules;
import org.keepaliveagent.conformance.Subject;

class ClassicFaultsTest extends FaultRules {
  ClassicFaultsTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return newest(ClassicConformanceTest.subjects());
  }
}
