package org.keepaliveagent.proxycore;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.FaultRules;
import org.keepaliveagent.conformance.Subject;

class ProxyCoreFaultsTest extends FaultRules {
  ProxyCoreFaultsTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return newest(ProxyCoreConformanceTest.subjects());
  }
}
