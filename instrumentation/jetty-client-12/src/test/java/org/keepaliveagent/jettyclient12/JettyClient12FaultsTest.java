package org.keepaliveagent.jettyclient12;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.FaultRules;
import org.keepaliveagent.conformance.Subject;

class JettyClient12FaultsTest extends FaultRules {
  JettyClient12FaultsTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return newest(JettyClient12ConformanceTest.subjects());
  }
}
