package org.keepaliveagent.runtime;

import java.lang.instrument.Instrumentation;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;
import org.keepaliveagent.policy.Engine;
import org.keepaliveagent.policy.Finding;
import org.keepaliveagent.policy.Reason;
import org.keepaliveagent.policy.Upstream;

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

  private final Engine engine;
  private final Reload reload;
  private final Instrumentation instrumentation;
  private volatile boolean registered;
  private volatile boolean waiting = true;

  Management(Engine engine, Reload reload, Instrumentation instrumentation) {
    this.engine = engine;
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
  public String[] getFindings() {
    List<String> lines = new ArrayList<>();
    for (Finding finding : engine.findings(System.nanoTime())) {
      lines.add(finding.toString());
    }
    return lines.toArray(new String[0]);
  }

  @Override
  public String[] getUpstreams() {
    List<String> lines = new ArrayList<>();
    for (Upstream upstream : engine.upstreams()) {
      StringBuilder line = new StringBuilder(upstream.toString());
      line.append(" policy=").append(upstream.policy().name());
      line.append(" connections=").append(upstream.connections());
      line.append(" idle=").append(upstream.idle());
      for (Reason reason : Reason.values()) {
        add(line, reason.word(), upstream.decisions(reason));
        add(line, "would_" + reason.word(), upstream.wouldHave(reason));
      }
      lines.add(line.toString());
    }
    return lines.toArray(new String[0]);
  }

  private static void add(StringBuilder line, String word, long count) {
    if (count > 0) {
      line.append(' ').append(word).append('=').append(count);
    }
  }

  @Override
  public String reload() {
    return reload.now();
  }
}
