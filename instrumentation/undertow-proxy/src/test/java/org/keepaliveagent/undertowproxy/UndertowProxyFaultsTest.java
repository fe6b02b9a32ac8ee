package org.keepaliveagent.undertowproxy;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.FaultRules;
import org.keepaliveagent.conformance.Subject;

class UndertowProxyFaultsTest extends FaultRules {
  UndertowProxyFaultsTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return newest(UndertowProxyConformanceTest.subjects());
  }
}
