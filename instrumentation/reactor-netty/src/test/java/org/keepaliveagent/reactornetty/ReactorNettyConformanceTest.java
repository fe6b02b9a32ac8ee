package org.keepaliveagent.reactornetty;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Subject;

/** The rules on each version, plain and over TLS. */
class ReactorNettyConformanceTest extends ConformanceRules {
  ReactorNettyConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return Stream.of("1.0.48", "1.2.18", "1.3.7")
        .map(ReactorNettyConformanceTest::subject)
        .flatMap(plain -> Stream.of(plain, plain.overTls()));
  }

  private static Subject subject(String version) {
    return new Subject(
        "reactor-netty",
        "",
        version,
        false,
        (url, trust) -> LibraryVersion.of(version).driver(ReactorNettyDriver.class, url, trust));
  }
}
