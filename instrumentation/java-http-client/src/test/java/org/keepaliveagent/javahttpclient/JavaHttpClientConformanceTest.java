package org.keepaliveagent.javahttpclient;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.Subject;

class JavaHttpClientConformanceTest extends ConformanceRules {
  JavaHttpClientConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    Subject plain = new Subject("java-http-client", "", "JDK", false, JavaHttpClientDriver::new);
    return Stream.of(plain, plain.overTls());
  }
}
