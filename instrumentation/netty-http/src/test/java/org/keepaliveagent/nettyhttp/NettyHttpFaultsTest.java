package org.keepaliveagent.nettyhttp;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.FaultRules;
import org.keepaliveagent.conformance.Subject;

class NettyHttpFaultsTest extends FaultRules {
  NettyHttpFaultsTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return newest(NettyHttpConformanceTest.subjects());
  }
}
