package org.keepaliveagent.okhttp;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.FaultRules;
import org.keepaliveagent.conformance.Subject;

class OkHttpFaultsTest extends FaultRules {
  OkHttpFaultsTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return newest(OkHttpConformanceTest.subjects());
  }
}
