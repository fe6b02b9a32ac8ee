package org.keepaliveagent.ittests.bench;

import java.util.ArrayList;
import java.util.List;

/** A benchmark's arguments; what is wrong with them ends the program with its usage and code 2. */
final class Arguments {
  private final String usage;
  private final List<String> left;

  Arguments(String usage, String[] arguments) {
    this.usage = usage;
    left = new ArrayList<>(List.of(arguments));
    if (flag("--help") || flag("-h")) {
      System.out.println(usage);
      System.exit(0);
    }
  }

  /** Takes a flag off the arguments, if it is there. */
  boolean flag(String name) {
    return left.remove(name);
  }

  /** Takes an option and its value, a natural number from 1 on. */
  int number(String name, int otherwise) {
    int at = left.indexOf(name);
    if (at < 0) {
      return otherwise;
    }
    if (at + 1 == left.size() || !left.get(at + 1).matches("[1-9][0-9]{0,8}")) {
      throw wrong(name + " needs a number");
    }
    left.remove(at);
    return Integer.parseInt(left.remove(at));
  }

  /**
   * What is left once flags and options are taken: names of these, or all of them where none is.
   */
  List<String> names(List<String> known) {
    for (String name : left) {
      if (!known.contains(name)) {
        throw wrong("\"" + name + "\" is none of " + String.join(", ", known));
      }
    }
    return left.isEmpty() ? known : left;
  }

  /** What is left once flags and options are taken, whatever it is. */
  List<String> rest() {
    return List.copyOf(left);
  }

  /** Ends the program. */
  IllegalArgumentException wrong(String what) {
    System.err.println(what + "\n" + usage);
    System.exit(2);
    return new IllegalArgumentException(what);
  }
}
