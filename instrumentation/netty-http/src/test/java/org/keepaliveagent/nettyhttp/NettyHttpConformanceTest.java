package org.keepaliveagent.nettyhttp;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.keepaliveagent.conformance.ConformanceRules;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Subject;

/** The codec alone, below a client that no adapter knows. */
@ExtendWith(NettyHttpConformanceTest.NotTheCodecs.class)
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

  /** What the kit takes for granted, and who neither leases nor retries cannot show. */
  static final class NotTheCodecs implements BeforeTestExecutionCallback {
    @Override
    public void beforeTestExecution(ExtensionContext context) {
      String reason = reason(context.getRequiredTestMethod().getName());
      Assumptions.assumeTrue(reason == null, () -> reason);
    }

    private static @Nullable String reason(String test) {
      if (test.startsWith("L2_")
          || test.startsWith("L3_")
          || test.startsWith("L6_anAdvertisedTimeout")
          || test.startsWith("L7_")
          || test.startsWith("L8_")) {
        return "the codec decides no lease; the sweep closes what must not be used, a moment later";
      }
      if (test.startsWith("F2_")) {
        return "what the rule counts is a refused lease, and the codec decides none";
      }
      if (test.startsWith("P7_")) {
        return "the codec decides no lease; a request can meet a connection that the sweep closes";
      }
      if (test.startsWith("R1_") || test.startsWith("R3_") || test.startsWith("R10_five")) {
        return "the codec sends nothing again";
      }
      return null;
    }
  }
}
