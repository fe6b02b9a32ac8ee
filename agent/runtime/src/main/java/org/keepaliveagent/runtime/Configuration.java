package org.keepaliveagent.runtime;

import java.util.function.Consumer;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.PolicyTable;
import org.keepaliveagent.telemetry.Switch;

final class Configuration {
  static Configuration read(String arguments, Consumer<String> messages) {
    return new Configuration();
  }

  PolicyTable policies() {
    return PolicyTable.builtIn(Mode.ENFORCE);
  }

  Mode mode() {
    return Mode.ENFORCE;
  }

  Switch telemetry() {
    return Switch.AUTO;
  }

  boolean injectsFaults() {
    return false;
  }

  String summary() {
    return "provisional";
  }
}
