package org.keepaliveagent.conformance;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** Says which rule was broken, by what, and how: {@code L2, reference 1: a connection ... But}. */
final class FailureInWords implements TestExecutionExceptionHandler {
  /** The numbers before the words: {@code L10_P7_R14_underLoad...}. */
  private static final Pattern NAME = Pattern.compile("((?:[A-Z]\\d+_)+)(.*)");

  /** What JUnit adds to a message that says all. */
  private static final Pattern BARE =
      Pattern.compile(" ==> expected: <(true|false)> but was: <(true|false)>$");

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable thrown)
      throws Throwable {
    if (thrown instanceof TestAbortedException) {
      throw thrown;
    }
    Subject subject = ((RuleTest) context.getRequiredTestInstance()).subject();
    String fact =
        thrown instanceof AssertionError ? thrown.getMessage() : "it ended with " + thrown;
    String rule = inWords(context.getRequiredTestMethod().getName(), subject);
    String said = BARE.matcher(String.valueOf(fact)).replaceFirst("");
    throw new AssertionFailedError(rule + ". But: " + said, thrown);
  }

  static String inWords(String testName, Subject subject) {
    Matcher name = NAME.matcher(testName);
    if (!name.matches()) {
      return testName + ", " + subject;
    }
    String numbers = name.group(1).substring(0, name.group(1).length() - 1).replace("_", ", ");
    String words = name.group(2).replaceAll("(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    return numbers + ", " + subject + ": " + words;
  }
}
