package org.keepaliveagent.apachehttpclient5;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Subject;

/** The blocking client: each version of the library with each pool that it has. */
class ClassicConformanceTest extends ConformanceRules {
  ClassicConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return Stream.of(
            subject("5.0.4", "STRICT"),
            subject("5.0.4", "LAX"),
            subject("5.3.1", "STRICT"),
            subject("5.3.1", "LAX"),
            subject("5.6.5", "STRICT"),
            subject("5.6.5", "LAX"),
            subject("5.6.5", "OFFLOCK"))
        .flatMap(plain -> Stream.of(plain, plain.overTls()));
  }

  private static Subject subject(String version, String pool) {
    return new Subject(
        "apache-httpclient-5",
        "classic, " + pool,
        version,
        false,
        (url, trust) -> LibraryVersion.of(version).driver(ClassicDriver.class, url, trust, pool));
  }
}
