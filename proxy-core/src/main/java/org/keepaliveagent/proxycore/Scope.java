package org.keepaliveagent.proxycore;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A block and the blocks around it: a directive that it does not have itself is taken from the
 * nearest one that has it.
 *
 * @param blocks the inner one first
 */
record Scope(List<Directive> blocks) {
  Scope {
    blocks = List.copyOf(blocks);
  }

  static Scope of(Directive... blocks) {
    return new Scope(List.of(blocks));
  }

  /** The same from a block inside of the inner one. */
  Scope inner(Directive block) {
    List<Directive> all = new ArrayList<>(blocks);
    all.add(0, block);
    return new Scope(all);
  }

  Optional<Directive> find(String name) {
    return all(name).stream().findFirst();
  }

  /** Those of the nearest block that has any; they are not added to an outer block's. */
  List<Directive> all(String name) {
    for (Directive block : blocks) {
      List<Directive> here = block.children(name);
      if (!here.isEmpty()) {
        return here;
      }
    }
    return List.of();
  }

  /** A time-out that may not be zero. */
  Duration timeout(String name, Duration otherwise) throws ConfigException {
    Directive directive = find(name).orElse(null);
    if (directive == null) {
      return otherwise;
    }
    Duration value = ConfigValues.time(directive);
    if (value.isZero()) {
      throw directive.invalid("value");
    }
    return value;
  }

  /** {@code on} or {@code off}. */
  boolean flag(String name, boolean otherwise) throws ConfigException {
    Directive directive = find(name).orElse(null);
    return directive == null ? otherwise : ConfigValues.flag(directive);
  }
}
