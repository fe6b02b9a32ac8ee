package org.keepaliveagent.telemetry;

import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The process's settings under the names that the OpenTelemetry SDK gives them.
 *
 * <p>A class and not a method reference: it is asked in every start, and the JVM's first method
 * reference costs some 20 ms.
 */
final class Settings implements Function<String, @Nullable String> {
  /**
   * The system property, else the environment variable of the same name in capitals with {@code _}
   * for {@code .} and {@code -}; {@code null} when neither is set to more than blanks.
   */
  @Override
  public @Nullable String apply(String name) {
    String value = System.getProperty(name);
    if (isBlank(value)) {
      value = System.getenv(name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'));
    }
    return isBlank(value) ? null : value;
  }

  private static boolean isBlank(@Nullable String value) {
    return value == null || value.trim().isEmpty();
  }
}
