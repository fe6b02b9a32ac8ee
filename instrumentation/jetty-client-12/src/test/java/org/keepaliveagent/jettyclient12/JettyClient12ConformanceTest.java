package org.keepaliveagent.jettyclient12;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Subject;

/** The Jetty client since its packages changed. */
class JettyClient12ConformanceTest extends ConformanceRules {
  JettyClient12ConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return Stream.of("12.0.36", "12.1.14")
        .map(JettyClient12ConformanceTest::subject)
        .flatMap(plain -> Stream.of(plain, plain.overTls()));
  }

  private static Subject subject(String version) {
    return new Subject(
        "jetty-client-12",
        "",
        version,
        false,
        (url, trust) -> LibraryVersion.of(version).driver(JettyClient12Driver.class, url, trust));
  }
}
