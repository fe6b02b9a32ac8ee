package org.keepaliveagent.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/**
 * Writes down how each rule ended on each subject, one line a test, in the module's {@code
 * target/conformance}: what the support table is made from.
 */
final class SupportRecorder implements AfterEachCallback {
  private static final Set<Path> STARTED = ConcurrentHashMap.newKeySet();

  @Override
  public void afterEach(ExtensionContext context) {
    Subject subject = ((RuleTest) context.getRequiredTestInstance()).subject();
    Throwable thrown = context.getExecutionException().orElse(null);
    String outcome = thrown == null ? "passed" : "failed";
    String reason = "";
    if (thrown instanceof TestAbortedException) {
      outcome = "untested";
      reason = String.valueOf(thrown.getMessage()).replaceFirst("^Assumption failed: ", "");
    }
    write(
        file(context.getRequiredTestClass(), ".tsv"),
        line(subject, context.getRequiredTestMethod().getName(), outcome, reason));
  }

  /** Writes down what became of a request without and with the agent. */
  static void story(Class<?> test, Subject subject, String what, String without, String with) {
    write(file(test, ".story.tsv"), line(subject, what, without, with));
  }

  private static Path file(Class<?> test, String ending) {
    return Path.of("target", "conformance", test.getName() + ending);
  }

  private static String line(Subject subject, String... words) {
    return String.join(
            "\t",
            subject.library(),
            subject.client(),
            subject.version(),
            subject.tls() ? "TLS" : "plain")
        + "\t"
        + String.join("\t", words);
  }

  private static synchronized void write(Path file, String line) {
    try {
      if (STARTED.add(file)) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "jdk\t" + Runtime.version().feature() + "\n");
      }
      Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
