package org.keepaliveagent.policy;

/** How far the agent goes. */
public enum Mode {
  /** Nothing is decided and nothing is counted. */
  OFF,
  /** Everything is decided, counted and reported; nothing is changed. */
  OBSERVE,
  /** Decisions take effect. */
  ENFORCE
}
