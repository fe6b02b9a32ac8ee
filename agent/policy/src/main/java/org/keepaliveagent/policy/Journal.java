package org.keepaliveagent.policy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;

/**
 * The last notable things that happened, the last {@value #KEPT} of each kind: so that a storm of
 * resets does not push out the reload that began it. Nothing ordinary is noted. Any thread; no
 * lock.
 */
public final class Journal {
  static final int KEPT = 20;

  /** What is notable. */
  public enum Kind {
    RESET,
    FAILURE,
    RETRY,
    RETRY_DENIED,
    FINDING,
    RELOAD,
    MODE,
    HEALTH,
    HOOK_FAILURE;

    /** For people. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One thing that happened. Immutable. */
  public static final class Entry {
    private final Kind kind;
    private final long at;
    private final String text;

    Entry(Kind kind, long at, String text) {
      this.kind = kind;
      this.at = at;
      this.text = text;
    }

    public Kind kind() {
      return kind;
    }

    /** When, as {@link System#nanoTime}. */
    public long at() {
      return at;
    }

    /** What, a sentence without its full stop. */
    public String text() {
      return text;
    }
  }

  private final LongSupplier clock;
  private final Map<Kind, Last> kinds = new EnumMap<>(Kind.class);

  Journal(LongSupplier clock) {
    this.clock = clock;
    for (Kind kind : Kind.values()) {
      kinds.put(kind, new Last());
    }
  }

  /** Notes what has just happened. */
  public void add(Kind kind, String text) {
    add(kind, clock.getAsLong(), text);
  }

  void add(Kind kind, long at, String text) {
    Objects.requireNonNull(kinds.get(kind)).add(new Entry(kind, at, text));
  }

  /** What is remembered, the latest first. */
  public List<Entry> entries() {
    List<Entry> list = new ArrayList<>();
    for (Last last : kinds.values()) {
      last.addTo(list);
    }
    list.sort((a, b) -> Long.compare(b.at - a.at, 0));
    return list;
  }

  /** The last entries of one kind. */
  private static final class Last {
    private final AtomicReferenceArray<Entry> entries = new AtomicReferenceArray<>(KEPT);
    private final AtomicLong next = new AtomicLong();

    void add(Entry entry) {
      entries.set((int) (next.getAndIncrement() % KEPT), entry);
    }

    void addTo(List<Entry> list) {
      for (int i = 0; i < KEPT; i++) {
        Entry entry = entries.get(i);
        if (entry != null) {
          list.add(entry);
        }
      }
    }
  }
}
