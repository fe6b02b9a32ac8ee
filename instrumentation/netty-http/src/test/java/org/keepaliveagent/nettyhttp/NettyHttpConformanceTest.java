package org.keepaliveagent.nettyhttp;

import java.util.stream.Stream;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Subject;

/** The codec alone, below a client that no adapter knows. */
class NettyHttpConformanceTest extends ConformanceRules {
  NettyHttpConformanceTest(Subject subject) {
    super(subject);
  }

  static Stream<Subject> subjects() {
    return Stream.of(subject("4.1.53"), subject("4.1.135"), subject("4.2.19"))
        .flatMap(plain -> Stream.of(plain, plain.overTls()));
  }

  private static Subject subject(String version) {
    return new Subject(
        "netty-http",
        "",
        version,
        false,
        (url, trust) -> LibraryVersion.of(version).driver(NettyHttpDriver.class, url, trust));
  }
}
