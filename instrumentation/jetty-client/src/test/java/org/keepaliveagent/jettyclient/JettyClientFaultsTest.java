package org.keepaliveagent.jettyclient;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.FaultRules;
import org.keepaliveagent.conformance.Subject;

class JettyClientFaultsTest extends FaultRules {
  JettyClientFaultsTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return newest(JettyClientConformanceTest.subjects());
  }
}
