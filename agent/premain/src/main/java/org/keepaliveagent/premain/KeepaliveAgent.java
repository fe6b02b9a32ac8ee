package org.keepaliveagent.premain;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.jar.JarFile;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * The door of the agent, and all of it that the application's class path can see.
 *
 * <p>At start it reads one small list of class names and waits. Only when a class of that list is
 * loaded does it load the agent, which lives under {@code keepalive/} in the same jar, its classes
 * in one entry that no scanner takes for a class; that is why this one class is door, transformer,
 * thread and class loader at once. The agent's classes see the JDK and each other, nothing of the
 * application's.
 *
 * <p>Whatever goes wrong here is said on standard error, and the application runs without the
 * agent.
 */
public final class KeepaliveAgent extends ClassLoader
    implements ClassFileTransformer, Runnable, Supplier<@Nullable Object> {
  /** Of the index. */
  public static final int RECORD_BYTES = 20;

  private static final String FOLDER = "keepalive/";
  private static final String BOOT_HOOKS = "org.keepaliveagent.runtime.BootHooks";
  private static final String AGENT = "org.keepaliveagent.runtime.Agent";

  /** Shows the command {@code status} that the agent is here, so that it asks no other JVM. */
  private static final String SIGN = "org.keepaliveagent.agent";

  /** What that command asks with. */
  private static final String REPORT = "report_to=";

  private static final String STATUS_REPORT = "org.keepaliveagent.runtime.StatusReport";
  private static final String COMMANDS = "org.keepaliveagent.runtime.Commands";

  static {
    registerAsParallelCapable();
  }

  private static @Nullable KeepaliveAgent running;

  private static volatile @Nullable Function<Object[], Object> spans;

  private final JarFile jar;
  private final File file;
  private final ProtectionDomain domain;
  private final String arguments;
  private final @Nullable Instrumentation instrumentation;

  /** Internal names of the classes that the adapters hook. */
  private final Set<String> targets = new HashSet<>();

  /** What stands before such names in relocated copies of the libraries. */
  private final List<String> prefixes = new ArrayList<>();

  /** A bit for the first letter of each prefix. */
  private long letters;

  /** Where each class lies in the data; see {@link #key}. */
  private volatile @Nullable ByteBuffer index;

  private volatile @Nullable ClassFileTransformer installer;
  private volatile @Nullable Thread starting;
  private volatile boolean failed;
  private volatile boolean saidWhy;

  private KeepaliveAgent(String arguments, @Nullable Instrumentation instrumentation)
      throws Exception {
    super(top());
    this.domain = KeepaliveAgent.class.getProtectionDomain();
    CodeSource source = domain.getCodeSource();
    if (source == null) {
      throw new IllegalStateException("the agent's jar is not known");
    }
    this.file = new File(source.getLocation().toURI());
    this.jar = new JarFile(file, false);
    this.arguments = arguments;
    this.instrumentation = instrumentation;
  }

  /** Called by the JVM before the application's {@code main}. */
  public static void premain(@Nullable String arguments, Instrumentation instrumentation) {
    String given = arguments == null ? "" : arguments;
    if (isSwitchedOff(given)) {
      return;
    }
    try {
      synchronized (KeepaliveAgent.class) {
        if (running != null) {
          return;
        }
        KeepaliveAgent agent = new KeepaliveAgent(given, instrumentation);
        agent.targets.addAll(agent.lines("targets"));
        agent.expectCopies();
        // Not capable of retransformation: the JVM then runs it before all transformers that are,
        // so that its advice lies inside that of a tracing agent, whatever the order of the two.
        instrumentation.addTransformer(agent, false);
        running = agent;
        System.setProperty(SIGN, agent.file.getPath());
        if (isFatal(given)) {
          agent.start(false);
        } else if (given.contains("policy=") || isSet("policy")) {
          // So that a policy file with mistakes is reported at once, and at nobody's expense.
          Thread background = new Thread(agent, "keepalive-start");
          background.setDaemon(true);
          background.start();
        }
      }
    } catch (Throwable t) {
      if (isFatal(given)) {
        throw new IllegalStateException("keepalive-agent: on_error=fail: " + t, t);
      }
      say("could not start, the application runs without it: " + t);
    }
  }

  /** Called by the JVM when the agent is attached to a running application. */
  public static void agentmain(@Nullable String arguments, Instrumentation instrumentation) {
    String given = arguments == null ? "" : arguments;
    if (isSwitchedOff(given)) {
      return;
    }
    try {
      synchronized (KeepaliveAgent.class) {
        KeepaliveAgent agent = running;
        if (agent != null && !agent.failed) {
          if (given.startsWith(REPORT) && agent.installer == null) {
            // The agent itself is not loaded yet, and is not for that.
            agent.call(STATUS_REPORT, "sendWaiting", new Class<?>[] {String.class}, given);
            return;
          }
          agent.start(false);
          agent.call(AGENT, "reconfigure", new Class<?>[] {String.class}, given);
          return;
        }
        if (given.startsWith(REPORT)) {
          return;
        }
        agent = new KeepaliveAgent(given, instrumentation);
        agent.targets.addAll(agent.lines("targets"));
        running = agent;
        agent.start(true);
        System.setProperty(SIGN, agent.file.getPath());
      }
    } catch (Throwable t) {
      say("could not attach, the application runs without it: " + t);
    }
  }

  /** Called by the extension of the OpenTelemetry agent: that agent's SDK takes the spans. */
  public static void spansTo(Function<Object[], Object> writer) {
    spans = writer;
  }

  /** Asked by the agent, whose class loader this is: what {@link #spansTo} was told, if at all. */
  @Override
  public @Nullable Object get() {
    return spans;
  }

  /** The command line: {@code java -jar keepalive-agent.jar attach PID}. */
  public static void main(String[] arguments) throws Exception {
    KeepaliveAgent agent = new KeepaliveAgent("", null);
    Object code =
        agent.call(
            COMMANDS, "run", new Class<?>[] {String[].class, File.class}, arguments, agent.file);
    System.exit((Integer) Objects.requireNonNull(code));
  }

  @Override
  public byte @Nullable [] transform(
      @Nullable ClassLoader loader,
      @Nullable String className,
      @Nullable Class<?> redefined,
      @Nullable ProtectionDomain protectionDomain,
      byte[] classFile) {
    if (className == null || loader == this || !isHooked(className)) {
      return null;
    }
    try {
      ClassFileTransformer delegate = installer;
      if (delegate == null) {
        if (failed || Thread.currentThread() == starting) {
          return null;
        }
        delegate = start(false);
      }
      return delegate.transform(loader, className, redefined, protectionDomain, classFile);
    } catch (Throwable t) {
      if (!saidWhy) {
        saidWhy = true;
        say("could not start, the application runs without it: " + t);
      }
      return null;
    }
  }

  /**
   * Takes in what the option {@code shaded} names, and what is known even where it is not named.
   */
  private void expectCopies() throws IOException {
    String given = shaded();
    if (given.equals("off")) {
      return;
    }
    List<String> names = lines("shaded");
    Collections.addAll(names, given.split(":", -1));
    for (String name : names) {
      String prefix = name.replace('.', '/').concat(name.endsWith(".") ? "" : "/");
      prefixes.add(prefix);
      letters |= 1L << prefix.charAt(0);
    }
  }

  private String shaded() {
    for (String argument : arguments.split(",", -1)) {
      if (argument.trim().startsWith("shaded=")) {
        return argument.trim().substring("shaded=".length()).trim();
      }
    }
    String value = System.getProperty("keepalive.shaded", System.getenv("KEEPALIVE_SHADED"));
    return value == null ? "" : value.trim();
  }

  /** Asked for every class that is loaded. Whether an adapter wants it is found out later. */
  private boolean isHooked(String className) {
    if (targets.contains(className)) {
      return true;
    }
    // Spares the JDK's own classes the rest, which costs most while it is still interpreted.
    if ((letters >> className.charAt(0) & 1) == 0) {
      return false;
    }
    for (int i = 0; i < prefixes.size(); i++) {
      String prefix = prefixes.get(i);
      if (className.startsWith(prefix)) {
        String name = className.substring(prefix.length());
        if (targets.contains(name) || targets.contains("org/".concat(name))) {
          return true;
        }
      }
    }
    return false;
  }

  /** Loads and starts the agent itself, once. */
  private ClassFileTransformer start(boolean attached) throws Exception {
    synchronized (targets) {
      ClassFileTransformer started = installer;
      if (started != null) {
        return started;
      }
      if (failed) {
        throw new IllegalStateException("the start failed before");
      }
      starting = Thread.currentThread();
      try {
        // Before any class that needs the hooks is so much as verified.
        call(BOOT_HOOKS, "define", new Class<?>[] {Instrumentation.class}, instrumentation);
        started =
            (ClassFileTransformer)
                call(
                    AGENT,
                    "start",
                    new Class<?>[] {String.class, Instrumentation.class, boolean.class},
                    arguments,
                    instrumentation,
                    attached);
        installer = started;
        return Objects.requireNonNull(started);
      } catch (Throwable t) {
        failed = true;
        System.clearProperty(SIGN);
        throw t;
      } finally {
        starting = null;
      }
    }
  }

  /** The start in the background. */
  @Override
  public void run() {
    try {
      start(false);
    } catch (Throwable t) {
      saidWhy = true;
      say("could not start, the application runs without it: " + t);
    }
  }

  private @Nullable Object call(
      String type, String method, Class<?>[] types, @Nullable Object... values) throws Exception {
    try {
      return loadClass(type).getMethod(method, types).invoke(null, values);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (cause instanceof Exception) {
        throw (Exception) cause;
      }
      throw e;
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      byte[] bytes;
      try {
        bytes = classFile(name.replace('.', '/'));
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
      if (bytes == null) {
        throw new ClassNotFoundException(name);
      }
      int dot = name.lastIndexOf('.');
      if (dot > 0 && getPackage(name.substring(0, dot)) == null) {
        try {
          definePackage(name.substring(0, dot), null, null, null, null, null, null, null);
        } catch (IllegalArgumentException defined) {
          // another thread was faster
        }
      }
      return defineClass(name, bytes, 0, bytes.length, domain);
    }
  }

  /** Class files too, so that the agent can read its own advice. */
  @Override
  public @Nullable InputStream getResourceAsStream(String name) {
    if (name.endsWith(".class")) {
      try {
        byte[] bytes = classFile(name.substring(0, name.length() - ".class".length()));
        if (bytes != null) {
          return new ByteArrayInputStream(bytes);
        }
      } catch (IOException e) {
        return null;
      }
    }
    return super.getResourceAsStream(name);
  }

  @Override
  protected @Nullable URL findResource(String name) {
    ZipEntry entry = jar.getEntry(FOLDER + name);
    if (entry == null) {
      return null;
    }
    try {
      return new URL("jar:" + file.toURI() + "!/" + entry.getName());
    } catch (MalformedURLException e) {
      return null;
    }
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    URL url = findResource(name);
    return url == null
        ? Collections.<URL>emptyEnumeration()
        : Collections.enumeration(Collections.singleton(url));
  }

  private byte @Nullable [] classFile(String internalName) throws IOException {
    ByteBuffer index = index();
    int record = record(index, key(internalName));
    if (record < 0) {
      return null;
    }
    byte[] deflated = new byte[index.getInt(record + 12)];
    byte[] bytes = new byte[index.getInt(record + 16)];
    try (InputStream data = open("data")) {
      // The entry is stored, not compressed: skipping moves a position and reads nothing.
      for (long left = index.getInt(record + 8); left > 0; ) {
        left -= data.skip(left);
      }
      new DataInputStream(data).readFully(deflated);
    }
    Inflater inflater = new Inflater(true);
    try {
      // One byte more than the stream has, as the native library wants it.
      inflater.setInput(Arrays.copyOf(deflated, deflated.length + 1));
      for (int n = 0; n < bytes.length; ) {
        int inflated = inflater.inflate(bytes, n, bytes.length - n);
        if (inflated == 0) {
          throw new EOFException(internalName);
        }
        n += inflated;
      }
    } catch (DataFormatException e) {
      throw new IOException(internalName, e);
    } finally {
      inflater.end();
    }
    return bytes;
  }

  /**
   * What the index knows a class by: FNV-1a, of 64 bits. Its records lie in the order of their keys
   * and have {@value #RECORD_BYTES} bytes: key, offset in the data, compressed length, length. They
   * are looked up where they lie: to make a map of six thousand names, while all code is still
   * interpreted, costs a tenth of the agent's start.
   */
  public static long key(String internalName) {
    long key = 0xcbf29ce484222325L;
    for (int i = 0; i < internalName.length(); i++) {
      key = (key ^ internalName.charAt(i)) * 0x100000001b3L;
    }
    return key;
  }

  private ByteBuffer index() throws IOException {
    ByteBuffer known = index;
    if (known == null) {
      byte[] bytes = new byte[(int) entry("index").getSize()];
      try (DataInputStream in = new DataInputStream(open("index"))) {
        in.readFully(bytes);
      }
      known = ByteBuffer.wrap(bytes);
      index = known;
    }
    return known;
  }

  /** Where the record with this key begins; -1 without any. */
  private static int record(ByteBuffer index, long key) {
    int from = 0;
    int to = index.capacity() / RECORD_BYTES - 1;
    while (from <= to) {
      int middle = (from + to) >>> 1;
      long found = index.getLong(middle * RECORD_BYTES);
      if (found == key) {
        return middle * RECORD_BYTES;
      }
      if (found < key) {
        from = middle + 1;
      } else {
        to = middle - 1;
      }
    }
    return -1;
  }

  private List<String> lines(String name) throws IOException {
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(open(name), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    }
    return lines;
  }

  private InputStream open(String name) throws IOException {
    return jar.getInputStream(entry(name));
  }

  private ZipEntry entry(String name) throws IOException {
    ZipEntry entry = jar.getEntry(FOLDER + name);
    if (entry == null) {
      throw new IOException(file + " is not complete: " + FOLDER + name + " is missing");
    }
    return entry;
  }

  /** The JDK's own topmost loader: the platform loader, or on Java 8 the extension loader. */
  private static ClassLoader top() {
    ClassLoader loader = ClassLoader.getSystemClassLoader();
    while (loader.getParent() != null) {
      loader = loader.getParent();
    }
    return loader;
  }

  private static boolean isSwitchedOff(String arguments) {
    for (String argument : arguments.split(",", -1)) {
      if (argument.trim().equals("enabled=false")) {
        return true;
      }
    }
    return "false".equals(System.getProperty("keepalive.enabled"))
        || "false".equals(System.getenv("KEEPALIVE_ENABLED"));
  }

  /** Whether the application shall not start without the agent and a good policy. */
  private static boolean isFatal(String arguments) {
    return arguments.contains("on_error=fail")
        || "fail".equals(System.getProperty("keepalive.on_error"))
        || "fail".equals(System.getenv("KEEPALIVE_ON_ERROR"));
  }

  private static boolean isSet(String option) {
    return System.getProperty("keepalive." + option) != null
        || System.getenv("KEEPALIVE_" + option.toUpperCase(Locale.ROOT)) != null;
  }

  private static void say(String message) {
    System.err.println("keepalive-agent: " + message);
  }
}
