package org.keepaliveagent.httpurlconnection;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.Subject;

class HttpUrlConnectionConformanceTest extends ConformanceRules {
  HttpUrlConnectionConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    Subject plain =
        new Subject("http-url-connection", "", "JDK", false, HttpUrlConnectionDriver::new);
    return Stream.of(plain, plain.overTls());
  }
}
