package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test class in which a buffer was never released, or Netty complained otherwise. */
final class LeakCheck extends Handler implements BeforeAllCallback, AfterAllCallback {
  private static final Logger NETTY = Logger.getLogger("io.netty");

  private final List<String> complaints = new CopyOnWriteArrayList<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    assertEquals(ResourceLeakDetector.Level.PARANOID, ResourceLeakDetector.getLevel());
    NETTY.addHandler(this);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    for (int i = 0; i < 5; i++) {
      System.gc();
      // A leak is reported when the next buffer is made.
      ByteBufAllocator.DEFAULT.directBuffer().release();
    }
    NETTY.removeHandler(this);
    assertEquals(List.of(), complaints);
  }

  @Override
  public void publish(LogRecord record) {
    if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
      complaints.add(record.getMessage() + " " + record.getThrown());
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
