package org.keepaliveagent.dist;

import java.util.ServiceLoader;
import java.util.SortedSet;
import java.util.TreeSet;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/** The class names that the agent waits for, so that it need not load its adapters to know them. */
final class Targets {
  private Targets() {}

  /** Internal names, of all adapters on the class path. */
  static SortedSet<String> internalNames() {
    SortedSet<String> names = new TreeSet<>();
    for (Adapter adapter : ServiceLoader.load(Adapter.class, Targets.class.getClassLoader())) {
      for (Hook hook : adapter.hooks()) {
        for (Hook.Form form : hook.forms()) {
          names.add(form.className().replace('.', '/'));
        }
      }
    }
    return names;
  }
}
