package org.keepaliveagent.adapter;

import java.util.Collections;
import java.util.List;

/**
 * Teaches the agent one library: which of its methods answer the hooks' questions.
 *
 * <p>Found as a {@link java.util.ServiceLoader} service. Lives in the agent's class loader, where
 * the library's own classes cannot be seen: only its advice, which is inlined in the library, may
 * use them.
 */
public interface Adapter {
  /** The library's name, as in the support table: {@code java-http-client}. */
  String name();

  /** The versions this adapter was tested with, for messages: {@code JDK 11 to 25}. */
  String versions();

  /** Everything to be woven. All of it is there, or nothing is woven. */
  List<Hook> hooks();

  /**
   * The library's packages, each with its last dot: {@code org.apache.hc.}. Where somebody ships a
   * relocated copy of the library, these have another name, and hooks and advice are renamed with
   * them. None for a library of which there are no copies, such as the JDK's own.
   */
  default List<String> packages() {
    return Collections.emptyList();
  }

  /**
   * Closes a parked connection whose time is over, as the library's own eviction would. Called by
   * the agent's sweep thread after the connection can no longer be leased; no lock is held.
   *
   * @throws Throwable anything; it is counted against the adapter
   */
  void close(Object connection) throws Throwable;
}
