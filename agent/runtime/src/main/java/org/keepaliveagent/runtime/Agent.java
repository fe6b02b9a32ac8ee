package org.keepaliveagent.runtime;

import java.io.IOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.IllegalClassFormatException;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.net.InetSocketAddress;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.hooks.KeepaliveOnce;
import org.keepaliveagent.policy.Engine;
import org.keepaliveagent.policy.Library;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.PolicyTable;
import org.keepaliveagent.policy.Sweep;
import org.keepaliveagent.telemetry.Metrics;
import org.keepaliveagent.telemetry.Telemetry;

/**
 * The agent in one JVM: puts engine, sweep, telemetry and installer together, once. Called by the
 * door, in the agent's own class loader.
 */
public final class Agent {
  private static @Nullable Agent running;

  private final Consumer<String> messages;
  private final Telemetry telemetry;
  private final Engine engine;
  private final SweepThread sweep;
  private final HealthThread health;
  private final Installer installer;
  private final Reload reload;
  private final HousekeepingThread housekeeping;
  private final Status status;
  private final Metrics metrics;
  private @Nullable StatusServer statusServer;

  private Agent(
      Configuration configuration, Instrumentation instrumentation, Consumer<String> messages) {
    this.messages = messages;
    List<Adapter> adapters = new ArrayList<>();
    ConcurrentMap<String, Library> libraries = new ConcurrentHashMap<>();
    for (Adapter adapter : ServiceLoader.load(Adapter.class, Agent.class.getClassLoader())) {
      adapters.add(adapter);
      libraries.put(adapter.name(), new Library(adapter.name(), adapter::close));
    }
    telemetry = new Telemetry(configuration.telemetry(), configuration.spans(), messages);
    sweep = new SweepThread(libraries.values(), messages);
    engine =
        new Engine(configuration.policies(), System::nanoTime, telemetry, libraries, sweep::wake);
    lock(configuration.policies());
    health = new HealthThread(engine, messages);
    installer =
        new Installer(
            adapters,
            configuration.shaded(),
            messages,
            name -> {
              Library library = libraries.get(name);
              if (library != null) {
                library.disarm();
              }
            });
    reload =
        new Reload(
            configuration,
            policies -> {
              lock(policies);
              engine.policies(policies);
              health.wake();
            },
            engine.journal(),
            messages);
    status = new Status(engine, reload, libraries.values(), installer.seen(), telemetry::dropped);
    metrics =
        new Metrics(
            configuration.telemetry(),
            status.measurements(),
            () -> !engine.upstreams().isEmpty(),
            messages);
    Management management = new Management(status, reload, instrumentation);
    housekeeping = new HousekeepingThread(reload, management, messages);
  }

  /**
   * Starts the agent.
   *
   * @param attached whether the application is running already, so that its classes are loaded
   * @return weaves classes as they are loaded
   * @throws Exception when the agent cannot work in this JVM, or a bad policy shall be fatal
   */
  public static synchronized ClassFileTransformer start(
      String arguments, Instrumentation instrumentation, boolean attached) throws Exception {
    Agent before = running;
    if (before != null) {
      return before.installer;
    }
    Consumer<String> messages = new Messages();
    Configuration configuration = Configuration.read(arguments, null, messages);
    Agent agent = new Agent(configuration, instrumentation, messages);
    running = agent;
    agent.telemetry.start();
    agent.metrics.start();
    agent.sweep.start(new Sweep(agent.engine), agent.engine::findings, agent.engine.journal());
    agent.housekeeping.start();
    agent.health.wake();
    agent.serveStatus(configuration);
    Runtime.getRuntime().addShutdownHook(new Thread(agent::close, "keepalive-exit"));
    agent.putBehindHooks(configuration);
    agent.weaveLoaded(instrumentation, attached);
    messages.accept(configuration.summary());
    return agent.installer;
  }

  /**
   * Gives the running agent other options: another policy, another mode, or {@code mode=off}.
   * Without any, the options stay and the policy file is read again. Asked for a {@link
   * StatusReport}, sends one.
   */
  public static synchronized void reconfigure(String arguments) throws IOException {
    Agent agent = running;
    if (agent == null) {
      return;
    }
    if (StatusReport.isAsked(arguments)) {
      Status status = agent.status;
      StatusReport.send(
          arguments,
          StatusReport.isJson(arguments) ? status.json() + "\n" : StatusText.of(status.tree()));
      return;
    }
    if (arguments.trim().isEmpty()) {
      agent.reload.now();
      return;
    }
    Configuration configuration =
        Configuration.read(arguments, agent.reload.configuration(), agent.messages);
    agent.reload.configuration(configuration);
    agent.putBehindHooks(configuration);
    agent.housekeeping.wake();
    agent.serveStatus(configuration);
    agent.messages.accept(configuration.summary());
  }

  /** Serves the status page where that says, or nowhere. */
  private void serveStatus(Configuration configuration) {
    InetSocketAddress at = configuration.status();
    StatusServer before = statusServer;
    if (before != null) {
      before.close();
      statusServer = null;
    }
    if (at == null) {
      return;
    }
    try {
      StatusServer server =
          new StatusServer(
              at,
              status::json,
              status::metrics,
              new ModeSwitch(configuration.statusToken(), this::switchTo));
      server.start();
      statusServer = server;
      messages.accept("status page on " + server.url());
    } catch (IOException e) {
      messages.accept("no status page: " + at + " cannot be listened on: " + e.getMessage());
    }
  }

  private void switchTo(Mode mode) {
    synchronized (Agent.class) {
      reload.switchTo(mode);
      putBehindHooks(reload.configuration());
    }
  }

  /** What waits is exported; the exporters of spans and metrics take their time side by side. */
  private void close() {
    Thread spans = new Thread(telemetry::close, "keepalive-exit-spans");
    spans.setDaemon(true);
    spans.start();
    metrics.close();
    try {
      spans.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void lock(PolicyTable policies) {
    KeepaliveOnce.except(policies.repeatsAll(), policies.repeatsKeyed());
  }

  private void putBehindHooks(Configuration configuration) {
    if (configuration.isOff()) {
      KeepaliveHooks.engine(null);
    } else {
      KeepaliveHooks.engine(configuration.injectsFaults() ? new FaultyEngine(engine) : engine);
    }
  }

  /**
   * Weaves the classes that were loaded before the agent came: all of them after an attach, those
   * of an earlier agent otherwise.
   */
  private void weaveLoaded(Instrumentation instrumentation, boolean attached)
      throws UnmodifiableClassException {
    List<Class<?>> loaded = installer.hookedAmong(instrumentation.getAllLoadedClasses());
    if (attached) {
      instrumentation.addTransformer(installer, true);
    } else if (!loaded.isEmpty()) {
      instrumentation.addTransformer(new Only(loaded, installer), true);
    }
    for (Class<?> type : loaded) {
      instrumentation.retransformClasses(type);
    }
  }

  /** The installer for these classes alone: the others are woven as they are loaded. */
  private static final class Only implements ClassFileTransformer {
    private final List<Class<?>> types;
    private final ClassFileTransformer installer;

    Only(List<Class<?>> types, ClassFileTransformer installer) {
      this.types = types;
      this.installer = installer;
    }

    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        @Nullable String name,
        @Nullable Class<?> redefined,
        @Nullable ProtectionDomain domain,
        byte[] classFile)
        throws IllegalClassFormatException {
      return redefined != null && types.contains(redefined)
          ? installer.transform(loader, name, redefined, domain, classFile)
          : null;
    }
  }
}
