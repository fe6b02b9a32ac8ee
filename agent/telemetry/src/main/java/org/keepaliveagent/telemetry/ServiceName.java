package org.keepaliveagent.telemetry;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The application's name where OpenTelemetry's own settings are silent. */
final class ServiceName {
  /** Where the application's other tracers look for it, in this order. */
  private static final String[] NAMES = {
    "dd.service", "elastic.apm.service_name", "spring.application.name"
  };

  private ServiceName() {}

  /**
   * What another tracer or Spring calls the application, else its main class or jar; {@code null}
   * when nothing is known.
   *
   * @param settings from a property's name to its value, as {@link Settings}
   */
  static @Nullable String of(Function<String, @Nullable String> settings) {
    for (String name : NAMES) {
      String value = settings.apply(name);
      if (value != null) {
        return value;
      }
    }
    String command = settings.apply("sun.java.command");
    return command == null ? null : program(command.trim());
  }

  /** Of {@code com.example.Main a b}, {@code module/com.example.Main} or {@code /opt/shop.jar}. */
  private static String program(String command) {
    int blank = command.indexOf(' ');
    String first = blank < 0 ? command : command.substring(0, blank);
    String file = first.substring(Math.max(first.lastIndexOf('/'), first.lastIndexOf('\\')) + 1);
    return file.endsWith(".jar") ? file.substring(0, file.length() - 4) : file;
  }
}
