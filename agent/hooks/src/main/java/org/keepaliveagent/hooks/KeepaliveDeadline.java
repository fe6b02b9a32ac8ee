package org.keepaliveagent.hooks;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection when the response that is awaited on it has not come in time. For a library
 * whose responses are futures: the action that follows on one with a time-out.
 *
 * <p>A class and not a lambda, so that advice can create it inside classes of any version.
 */
public final class KeepaliveDeadline implements BiConsumer<Object, Throwable> {
  private final Closeable connection;

  public KeepaliveDeadline(Closeable connection) {
    this.connection = connection;
  }

  @Override
  public void accept(@Nullable Object response, @Nullable Throwable failure) {
    if (failure instanceof TimeoutException) {
      try {
        connection.close();
      } catch (IOException e) {
        // it is gone
      }
    }
  }
}
