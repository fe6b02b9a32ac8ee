package org.keepaliveagent.httpurlconnection;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.FaultRules;
import org.keepaliveagent.conformance.Subject;

class HttpUrlConnectionFaultsTest extends FaultRules {
  HttpUrlConnectionFaultsTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return newest(HttpUrlConnectionConformanceTest.subjects());
  }
}
