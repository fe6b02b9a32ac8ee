package org.keepaliveagent.telemetry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what our SDK logs about a backend that is gone out of the application's log: this agent
 * says it itself, once a minute. An SDK of the application's has loggers of the same names, so only
 * what threads of ours log is kept out; the SDK's threads inherit the context class loader of the
 * thread that started them.
 */
final class SdkLog implements Filter {
  private static final List<String> NAMES =
      Arrays.asList(
          "io.opentelemetry.exporter.otlp.internal.HttpExporter",
          "io.opentelemetry.exporter.otlp.internal.GrpcExporter");

  /** Held here, since the log manager would let go of them. */
  private static final List<Logger> LOGGERS = new ArrayList<>();

  private final @Nullable Filter before;

  private SdkLog(@Nullable Filter before) {
    this.before = before;
  }

  static void quiet() {
    for (String name : NAMES) {
      Logger logger = Logger.getLogger(name);
      logger.setFilter(new SdkLog(logger.getFilter()));
      LOGGERS.add(logger);
    }
  }

  @Override
  public boolean isLoggable(LogRecord record) {
    ClassLoader ours = SdkLog.class.getClassLoader();
    boolean repeats =
        record.getLevel().intValue() <= Level.WARNING.intValue()
            && ours != ClassLoader.getSystemClassLoader()
            && Thread.currentThread().getContextClassLoader() == ours;
    return !repeats && (before == null || before.isLoggable(record));
  }
}
