package org.keepaliveagent.apachehttpclient4;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Subject;

/** The blocking client. */
class ClassicConformanceTest extends ConformanceRules {
  ClassicConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return Stream.of(subject("4.3.6"), subject("4.4.1"), subject("4.5.14"))
        .flatMap(plain -> Stream.of(plain, plain.overTls()));
  }

  private static Subject subject(String version) {
    return new Subject(
        "apache-httpclient-4",
        "",
        version,
        false,
        (url, trust) -> LibraryVersion.of(version).driver(ClassicDriver.class, url, trust));
  }
}
