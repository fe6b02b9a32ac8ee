package org.keepaliveagent.javahttpclient;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.FaultRules;
import org.keepaliveagent.conformance.Subject;

class JavaHttpClientFaultsTest extends FaultRules {
  JavaHttpClientFaultsTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return newest(JavaHttpClientConformanceTest.subjects());
  }
}
