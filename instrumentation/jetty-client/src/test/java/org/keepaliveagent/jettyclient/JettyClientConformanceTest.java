package org.keepaliveagent.jettyclient;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Subject;

/** The Jetty client before its packages changed. */
class JettyClientConformanceTest extends ConformanceRules {
  JettyClientConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return Stream.of("9.4.58", "10.0.26", "11.0.26")
        .map(JettyClientConformanceTest::subject)
        .flatMap(plain -> Stream.of(plain, plain.overTls()));
  }

  private static Subject subject(String version) {
    boolean nine = version.startsWith("9");
    return new Subject(
        "jetty-client",
        "",
        version,
        false,
        (url, trust) ->
            LibraryVersion.of(version).driver(JettyClientDriver.class, url, trust, nine));
  }
}
