package org.keepaliveagent.config;

import org.keepaliveagent.policy.Policy;

/**
 * How the value of a directive is written: what is allowed, for people and for editors, and what
 * takes it. Immutable.
 */
final class Form {
  /** Puts a value into a policy, or says why not; it does not know where the value stands. */
  interface Setter {
    void set(Value value, String allowed, Policy.Builder policy) throws Refusal;
  }

  private final String allowed;
  private final String schema;
  private final Setter setter;

  /**
   * @param schema of JSON Schema, for editors
   */
  Form(String allowed, String schema, Setter setter) {
    this.allowed = allowed;
    this.schema = schema;
    this.setter = setter;
  }

  String allowed() {
    return allowed;
  }

  String schema() {
    return schema;
  }

  /** Puts the value into the policy; what is wrong with it is reported at its place. */
  void set(Value value, Policy.Builder policy) {
    try {
      setter.set(value, allowed, policy);
    } catch (Refusal e) {
      value.complain(e);
    }
  }
}
