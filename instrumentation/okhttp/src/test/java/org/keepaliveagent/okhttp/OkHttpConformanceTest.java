package org.keepaliveagent.okhttp;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Subject;

/** Each version of the library. */
class OkHttpConformanceTest extends ConformanceRules {
  OkHttpConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return Stream.of("3.12.13", "3.14.9", "4.9.3", "4.12.1", "5.0.0", "5.5.1")
        .map(OkHttpConformanceTest::subject)
        .flatMap(plain -> Stream.of(plain, plain.overTls()));
  }

  private static Subject subject(String version) {
    return new Subject(
        "okhttp",
        "",
        version,
        false,
        (url, trust) -> LibraryVersion.of(version).driver(OkHttpDriver.class, url, trust, version));
  }
}
