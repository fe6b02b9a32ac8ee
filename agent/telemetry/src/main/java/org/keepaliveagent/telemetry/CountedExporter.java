package org.keepaliveagent.telemetry;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the spans that an exporter could not deliver. */
final class CountedExporter implements SpanExporter {
  private final SpanExporter exporter;
  private final AtomicLong lost = new AtomicLong();

  CountedExporter(SpanExporter exporter) {
    this.exporter = exporter;
  }

  long lost() {
    return lost.get();
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size();
    CompletableResultCode result = exporter.export(spans);
    return result.whenComplete(
        () -> {
          if (!result.isSuccess()) {
            lost.addAndGet(count);
          }
        });
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
