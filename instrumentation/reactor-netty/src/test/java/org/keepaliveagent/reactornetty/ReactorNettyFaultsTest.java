package org.keepaliveagent.reactornetty;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.FaultRules;
import org.keepaliveagent.conformance.Subject;

class ReactorNettyFaultsTest extends FaultRules {
  ReactorNettyFaultsTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return newest(ReactorNettyConformanceTest.subjects());
  }
}
