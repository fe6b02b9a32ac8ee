package org.keepaliveagent.conformance;

import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import net.bytebuddy.agent.ByteBuddyAgent;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.hooks.KeepaliveEngine;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.hooks.KeepaliveOnce;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.Engine;
import org.keepaliveagent.policy.Events;
import org.keepaliveagent.policy.Library;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.PolicyTable;
import org.keepaliveagent.policy.Sweep;
import org.keepaliveagent.policy.Upstream;
import org.keepaliveagent.policy.Usage;
import org.keepaliveagent.runtime.FaultyEngine;
import org.keepaliveagent.runtime.HealthProbe;
import org.keepaliveagent.runtime.Installer;

/**
 * The engine behind woven classes of this JVM, on a clock that the test moves. The adapters on the
 * class path are woven once for all tests; each test has an engine of its own.
 */
public final class AgentUnderTest implements AutoCloseable {
  private static final List<Adapter> ADAPTERS = new ArrayList<>();
  private static final List<String> SAID = new CopyOnWriteArrayList<>();

  static {
    for (Adapter adapter : ServiceLoader.load(Adapter.class)) {
      ADAPTERS.add(adapter);
    }
    try {
      Instrumentation instrumentation = ByteBuddyAgent.install();
      Installer installer = new Installer(ADAPTERS, List.of(), SAID::add, SAID::add);
      instrumentation.addTransformer(installer, true);
      for (Class<?> loaded : installer.hookedAmong(instrumentation.getAllLoadedClasses())) {
        instrumentation.retransformClasses(loaded);
      }
    } catch (UnmodifiableClassException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final AtomicLong offset = new AtomicLong();
  private final List<Attempt> attempts = new CopyOnWriteArrayList<>();
  private final ConcurrentMap<String, Library> libraries = new ConcurrentHashMap<>();
  private final Engine engine;
  private final Sweep sweep;
  private boolean faulty;

  private AgentUnderTest(Policy policy) {
    for (Adapter adapter : ADAPTERS) {
      libraries.put(adapter.name(), new Library(adapter.name(), adapter::close));
    }
    Events events =
        new Events() {
          @Override
          public boolean wants(@Nullable String traceparent) {
            return true;
          }

          @Override
          public void attempt(Attempt attempt) {
            attempts.add(attempt);
          }
        };
    engine = new Engine(locked(policy), this::now, events, libraries, () -> {});
    sweep = new Sweep(engine);
  }

  /** Puts an engine with this policy behind the hooks. */
  public static AgentUnderTest with(Policy policy) {
    AgentUnderTest agent = new AgentUnderTest(policy);
    KeepaliveHooks.engine(agent.engine);
    return agent;
  }

  /** As {@link #with}, and every call of the engine throws after its work. */
  public static AgentUnderTest thatThrows(Policy policy) {
    return broken(policy, FaultyEngine::new);
  }

  /** As {@link #with}, and what stands behind the hooks is made of the engine by this. */
  static AgentUnderTest broken(Policy policy, UnaryOperator<KeepaliveEngine> defect) {
    AgentUnderTest agent = new AgentUnderTest(policy);
    agent.faulty = true;
    KeepaliveHooks.engine(defect.apply(agent.engine));
    return agent;
  }

  /** Puts another policy in force, for parked connections too. */
  public void reload(Policy policy) {
    engine.policies(locked(policy));
  }

  /** The policy for every upstream, of which the second lock has heard. */
  private static PolicyTable locked(Policy policy) {
    PolicyTable policies = new PolicyTable(policy, List.of());
    KeepaliveOnce.except(policies.repeatsAll(), policies.repeatsKeyed());
    return policies;
  }

  private long now() {
    return System.nanoTime() + offset.get();
  }

  /** Lets the agent's clock jump ahead. */
  public void pass(long millis) {
    offset.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /** One round of the sweep. */
  public void sweep() {
    sweep.run(now());
  }

  /** Probes each upstream once, as its policy's {@code health_check} says. */
  public void probe() {
    for (Upstream each : engine.upstreams()) {
      engine.probed(each, HealthProbe.failure(each, each.policy().healthCheck()) == null);
    }
  }

  /** Connections that the agent takes for parked. */
  public int idle() {
    return engine.upstreams().stream().mapToInt(Upstream::idle).sum();
  }

  /** Connections that the agent takes for open. */
  public long open() {
    return engine.usage().stream().mapToLong(Usage::open).sum();
  }

  /** Connections that the agent knows or has known. */
  public long created() {
    return engine.usage().stream().mapToLong(Usage::created).sum();
  }

  public Collection<Upstream> upstreams() {
    return engine.upstreams();
  }

  public List<Attempt> attempts() {
    return attempts;
  }

  /** How often a hook failed, of all libraries. */
  public int faultsCounted() {
    return libraries.values().stream().mapToInt(Library::faults).sum();
  }

  /** How often a hook failed where no library could be told. */
  long strayFaults() {
    return engine.strayFaults();
  }

  /** What went wrong unasked inside the agent: faults of hooks, libraries that were not woven. */
  public List<String> faults() {
    List<String> faults = new ArrayList<>(SAID);
    if (faulty) {
      return faults;
    }
    for (Library library : libraries.values()) {
      if (library.faults() > 0) {
        faults.add(library.name() + ": " + library.lastFault());
      }
    }
    if (engine.strayFaults() > 0) {
      faults.add(engine.strayFaults() + " stray faults");
    }
    return faults;
  }

  @Override
  public void close() {
    KeepaliveHooks.engine(null);
  }
}
