package org.keepaliveagent.hooks;

import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Narrows a library's own header predicate to the headers that may cross to the upstream.
 *
 * <p>A class and not a lambda, so that advice can create it inside classes of any version.
 */
public final class KeepaliveHeaderFilter implements BiPredicate<Object, Object> {
  private final Object connection;
  private final @Nullable String nominated;
  private final BiPredicate<Object, Object> inner;

  private KeepaliveHeaderFilter(
      Object connection, @Nullable String nominated, BiPredicate<Object, Object> inner) {
    this.connection = connection;
    this.nominated = nominated;
    this.inner = inner;
  }

  /**
   * The narrowed predicate; the given one where every header may cross.
   *
   * @param inner takes a header's name and its value, of whatever types
   */
  @SuppressWarnings("unchecked")
  public static BiPredicate<?, ?> of(
      Object connection, @Nullable String nominated, BiPredicate<?, ?> inner) {
    if (KeepaliveHooks.maySendAll(connection)) {
      return inner;
    }
    return new KeepaliveHeaderFilter(connection, nominated, (BiPredicate<Object, Object>) inner);
  }

  @Override
  public boolean test(Object name, Object value) {
    return inner.test(name, value)
        && KeepaliveHooks.maySend(
            connection, String.valueOf(name), String.valueOf(value), nominated);
  }
}
