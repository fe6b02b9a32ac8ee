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

  /** What rules decided, for each upstream: a line of counts. */
  String[] getUpstreams();

  /**
   * Reads the policy file now.
   *
   * @return what came of it; what was wrong with the file is on standard error
   */
  String reload();
}
