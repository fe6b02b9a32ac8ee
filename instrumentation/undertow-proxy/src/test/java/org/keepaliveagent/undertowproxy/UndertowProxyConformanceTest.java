package org.keepaliveagent.undertowproxy;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Subject;

/** Each version of the library. */
class UndertowProxyConformanceTest extends ConformanceRules {
  UndertowProxyConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return Stream.of("2.2.0", "2.3.27", "2.4.4")
        .map(UndertowProxyConformanceTest::subject)
        .flatMap(plain -> Stream.of(plain, plain.overTls()));
  }

  private static Subject subject(String version) {
    return new Subject(
        "undertow-proxy",
        "",
        version,
        false,
        (url, trust) ->
            LibraryVersion.of(version)
                .driver(UndertowDriver.class, url, trust, ClientDriver.POOL, 1000, false));
  }
}
