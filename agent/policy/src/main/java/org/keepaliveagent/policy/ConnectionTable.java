package org.keepaliveagent.policy;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Finds the record of a library's connection by identity, without holding on to the connection.
 *
 * <p>Looking up neither allocates nor locks. Any thread may add; only the sweep removes, so that a
 * chain changes at its head by compare-and-set and elsewhere by one thread alone.
 */
final class ConnectionTable {
  static final int BUCKETS = 1 << 16;

  private final AtomicReferenceArray<@Nullable Connection> buckets;
  private final int mask;

  /**
   * @param size how many chains; a power of two
   */
  ConnectionTable(int size) {
    buckets = new AtomicReferenceArray<>(size);
    mask = size - 1;
  }

  static int hash(Object key) {
    return System.identityHashCode(key);
  }

  @Nullable Connection get(Object key) {
    int hash = hash(key);
    Connection c = buckets.get(hash & mask);
    while (c != null) {
      if (c.hash == hash && c.get() == key) {
        return c;
      }
      c = c.next;
    }
    return null;
  }

  /** Adds a record. Two records of one connection may result from a race; the later is found. */
  void add(Connection c) {
    int bucket = c.hash & mask;
    Connection head;
    do {
      head = buckets.get(bucket);
      c.next = head;
    } while (!buckets.compareAndSet(bucket, head, c));
  }

  /** Removes a record. The sweep thread only. */
  void remove(Connection gone) {
    int bucket = gone.hash & mask;
    while (true) {
      Connection head = buckets.get(bucket);
      if (head == gone) {
        if (buckets.compareAndSet(bucket, head, gone.next)) {
          return;
        }
        continue;
      }
      Connection before = head;
      while (before != null && before.next != gone) {
        before = before.next;
      }
      if (before != null) {
        before.next = gone.next;
      }
      return;
    }
  }
}
