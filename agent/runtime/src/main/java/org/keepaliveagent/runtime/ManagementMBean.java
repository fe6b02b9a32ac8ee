package org.keepaliveagent.runtime;

/** What JMX shows of the agent, as {@code org.keepaliveagent:type=KeepaliveAgent}. */
public interface ManagementMBean {
  String getVersion();

  /** Where the policy in force comes from. */
  String getPolicy();

  /** How often a changed policy file was put in force. */
  long getReloads();

  /** How often a changed policy file was not good, and the previous policy stayed. */
  long getFailedReloads();

  /** What is wrong with how connections are kept, one line each. */
  String[] getFindings();

  /** The pool, the limits and what rules decided, one line for each upstream. */
  String[] getUpstreams();

  /** The last notable things that happened, one line each, the latest first. */
  String[] getEvents();

  /** Everything that the status page shows, as JSON. */
  String getStatus();

  /**
   * Reads the policy file now.
   *
   * @return what came of it; what was wrong with the file is on standard error
   */
  String reload();
}
