package org.keepaliveagent.hooks;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Widens a pool's own eviction predicate to the connections that may not circulate, for a pool of
 * things that know their connection by a public method {@code channel()}.
 *
 * <p>A pool asks for its predicate each time, so the widened one is remembered, weakly: a pool that
 * is gone takes its own along. A class and not a lambda, so that advice can create it inside
 * classes of any version.
 */
public final class KeepaliveEviction implements BiPredicate<Object, Object> {
  private static final int REMEMBERED = 256;
  private static final AtomicReferenceArray<@Nullable WeakReference<KeepaliveEviction>> made =
      new AtomicReferenceArray<>(REMEMBERED);

  private static final ClassValue<MethodHandle> CHANNEL =
      new ClassValue<MethodHandle>() {
        @Override
        protected MethodHandle computeValue(Class<?> type) {
          return channelOf(type);
        }
      };

  /** Set on a thread that only looks for what is to be evicted, and takes nothing. */
  private static final ThreadLocal<@Nullable Boolean> looking = new ThreadLocal<>();

  private final BiPredicate<Object, Object> inner;

  private KeepaliveEviction(BiPredicate<Object, Object> inner) {
    this.inner = inner;
  }

  /**
   * The widened predicate; the given one where it is widened already.
   *
   * @param inner true for what is to be evicted; stands for its pool
   */
  @SuppressWarnings("unchecked")
  public static BiPredicate<?, ?> of(BiPredicate<?, ?> inner) {
    if (KeepaliveHooks.engine() == null || inner instanceof KeepaliveEviction) {
      return inner;
    }
    int slot = System.identityHashCode(inner) & (REMEMBERED - 1);
    WeakReference<KeepaliveEviction> reference = made.get(slot);
    KeepaliveEviction before = reference == null ? null : reference.get();
    if (before != null && before.inner == inner) {
      return before;
    }
    KeepaliveEviction widened = new KeepaliveEviction((BiPredicate<Object, Object>) inner);
    made.set(slot, new WeakReference<>(widened));
    return widened;
  }

  /** From here on this thread only looks; {@code false} ends it. */
  public static void looking(boolean begins) {
    looking.set(begins ? Boolean.TRUE : null);
  }

  @Override
  public boolean test(Object pooled, Object state) {
    if (inner.test(pooled, state)) {
      return true;
    }
    if (looking.get() != null) {
      return false;
    }
    Object channel;
    try {
      channel = (Object) CHANNEL.get(pooled.getClass()).invokeExact(pooled);
    } catch (Throwable none) {
      return false;
    }
    return channel != null && !KeepaliveHooks.mayCirculate(channel, inner);
  }

  /** The type itself may not be public, so the method is looked for where it is. */
  private static MethodHandle channelOf(Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      for (Class<?> each : c.getInterfaces()) {
        MethodHandle found = in(each);
        if (found != null) {
          return found;
        }
      }
    }
    return MethodHandles.dropArguments(MethodHandles.constant(Object.class, null), 0, Object.class);
  }

  private static @Nullable MethodHandle in(Class<?> type) {
    for (Method method : type.getMethods()) {
      if (method.getName().equals("channel") && method.getParameterCount() == 0) {
        try {
          return MethodHandles.publicLookup()
              .unreflect(method)
              .asType(MethodType.methodType(Object.class, Object.class));
        } catch (IllegalAccessException notPublic) {
          return null;
        }
      }
    }
    return null;
  }
}
