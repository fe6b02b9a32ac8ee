package org.keepaliveagent.apachehttpclient4;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Subject;

/** The asynchronous client. */
class AsyncConformanceTest extends ConformanceRules {
  AsyncConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return Stream.of(subject("4.0.2"), subject("4.1"), subject("4.1.5"))
        .flatMap(plain -> Stream.of(plain, plain.overTls()));
  }

  private static Subject subject(String version) {
    return new Subject(
        "apache-httpclient-4-async",
        "",
        version,
        false,
        (url, trust) ->
            LibraryVersion.of("async-" + version).driver(AsyncDriver.class, url, trust));
  }
}
