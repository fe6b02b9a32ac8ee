package org.keepaliveagent.reactornetty;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Subject;

/** The lowest version that can be hooked, the last of each line, plain and over TLS. */
class ReactorNettyConformanceTest extends ConformanceRules {
  ReactorNettyConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return Stream.of(subject("1.0.7"), subject("1.0.48"), subject("1.2.18"), subject("1.3.8"))
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
