package org.keepaliveagent.runtime;

import java.lang.instrument.Instrumentation;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The agent's MBean.
 *
 * <p>By default it appears only after the application, or somebody who looks at it, has brought up
 * the platform's MBean server: an agent that does so itself slows the start down, and in some
 * application servers comes before the log manager that they need.
 */
final class Management implements ManagementMBean {
  private static final String NAME = "org.keepaliveagent:type=KeepaliveAgent";
  private static final String SIGN_OF_USE = "java.lang.management.ManagementFactory";

  private final Status status;
  private final Reload reload;
  private final Instrumentation instrumentation;
  private volatile boolean registered;
  private volatile boolean waiting = true;

  Management(Status status, Reload reload, Instrumentation instrumentation) {
    this.status = status;
    this.reload = reload;
    this.instrumentation = instrumentation;
  }

  /** Whether the MBean may have to be registered later. */
  boolean isWaiting() {
    return waiting && !registered;
  }

  /**
   * Registers the MBean, if it is time.
   *
   * @param when {@code auto}, {@code on} or {@code off}
   */
  void registerWhenUseful(String when) throws JMException {
    waiting = when.equals("auto");
    if (!registered && (when.equals("on") || (waiting && isInUse()))) {
      registered = true;
      ManagementFactory.getPlatformMBeanServer().registerMBean(this, new ObjectName(NAME));
    }
  }

  private boolean isInUse() {
    for (Class<?> loaded : instrumentation.getInitiatedClasses(null)) {
      if (loaded.getName().equals(SIGN_OF_USE)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String getVersion() {
    return Version.get();
  }

  @Override
  public String getPolicy() {
    return reload.configuration().source();
  }

  @Override
  public long getReloads() {
    return reload.done();
  }

  @Override
  public long getFailedReloads() {
    return reload.failed();
  }

  @Override
  public String getStatus() {
    return status.json();
  }

  @Override
  public String[] getFindings() {
    return status.lines("findings");
  }

  @Override
  public String[] getUpstreams() {
    return status.lines("upstreams");
  }

  @Override
  public String[] getEvents() {
    return status.lines("events");
  }

  @Override
  public String reload() {
    return reload.now();
  }
}
