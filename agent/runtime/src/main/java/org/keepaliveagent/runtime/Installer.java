package org.keepaliveagent.runtime;

import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.TypeResolutionStrategy;
import net.bytebuddy.dynamic.scaffold.MethodGraph;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/**
 * Weaves the adapters' advice into the classes that they name, as those are loaded.
 *
 * <p>Only method bodies change: no field, method or interface is added, so that the same weaving
 * serves a class that is loaded already. Runs on whatever thread loads a class, under its loader's
 * locks.
 */
public final class Installer implements ClassFileTransformer {
  private final Map<String, Adapter> byClass = new HashMap<>();
  private final Map<String, Adapter> byRelocatableClass = new HashMap<>();
  private final List<Relocation> relocations;
  private final Map<Adapter, Map<Relocation, Copy>> copies = new HashMap<>();
  private final Set<Seen> seen = ConcurrentHashMap.newKeySet();
  private final Consumer<String> messages;
  private final Consumer<String> abandoned;
  private final ClassFileLocator own =
      ClassFileLocator.ForClassLoader.of(Installer.class.getClassLoader());
  private final ByteBuddy byteBuddy =
      new ByteBuddy()
          .with(TypeValidation.DISABLED)
          .with(MethodGraph.Compiler.ForDeclaredMethods.INSTANCE)
          .with(Implementation.Context.Disabled.Factory.INSTANCE);

  /**
   * @param prefixes what the names of relocated copies begin with, each with its last dot
   * @param messages takes what a person should read
   * @param abandoned takes the name of a library of which only a part could be woven: nothing of it
   *     may be acted on any more
   */
  public Installer(
      Iterable<Adapter> adapters,
      List<String> prefixes,
      Consumer<String> messages,
      Consumer<String> abandoned) {
    this.relocations = Relocation.under(prefixes);
    this.messages = messages;
    this.abandoned = abandoned;
    for (Adapter adapter : adapters) {
      for (Hook hook : adapter.hooks()) {
        for (Hook.Form form : hook.forms()) {
          byClass.put(form.className(), adapter);
          if (Copy.isRelocated(form.className(), adapter)) {
            byRelocatableClass.put(form.className(), adapter);
          }
        }
      }
    }
  }

  @Override
  public byte @Nullable [] transform(
      @Nullable ClassLoader loader,
      @Nullable String internalName,
      @Nullable Class<?> redefined,
      @Nullable ProtectionDomain domain,
      byte[] classFile) {
    if (internalName == null || isOurs(loader)) {
      return null;
    }
    String name = internalName.replace('/', '.');
    Copy copy = copyWith(name);
    if (copy == null) {
      return null;
    }
    try {
      return weave(copy, loader, name, domain, classFile);
    } catch (Throwable t) {
      messages.accept(
          copy + " could not be hooked at " + name + ": " + t + ". The agent leaves it alone.");
      abandoned.accept(copy.library());
      seen.add(new Seen(copy, domain, "could not be hooked: " + t));
      return null;
    }
  }

  /** The library, or the copy of one, that has a hook in the class of this name. */
  private @Nullable Copy copyWith(String name) {
    Adapter adapter = byClass.get(name);
    if (adapter != null) {
      return copy(adapter, Relocation.NONE);
    }
    for (Relocation relocation : relocations) {
      String original = relocation.original(name);
      adapter = original == null ? null : byRelocatableClass.get(original);
      if (adapter != null) {
        return copy(adapter, relocation);
      }
    }
    return null;
  }

  private Copy copy(Adapter adapter, Relocation relocation) {
    synchronized (copies) {
      Map<Relocation, Copy> ofAdapter =
          copies.computeIfAbsent(adapter, any -> new HashMap<Relocation, Copy>());
      Copy copy = ofAdapter.get(relocation);
      if (copy == null) {
        copy = new Copy(adapter, relocation);
        ofAdapter.put(relocation, copy);
      }
      return copy;
    }
  }

  private byte @Nullable [] weave(
      Copy copy,
      @Nullable ClassLoader loader,
      String name,
      @Nullable ProtectionDomain domain,
      byte[] classFile) {
    ClassLoader from = loader == null ? ClassLoader.getSystemClassLoader() : loader;
    ClassFileLocator locator =
        new ClassFileLocator.Compound(
            ClassFileLocator.Simple.of(name, classFile),
            copy.advice(own),
            ClassFileLocator.ForClassLoader.of(from),
            own);
    TypePool pool = TypePool.Default.WithLazyResolution.of(locator);
    HookCheck check = copy.check(from, pool, messages);
    seen.add(new Seen(copy, domain, check.missing()));
    if (check.missing() != null) {
      return null;
    }
    TypeDescription type = pool.describe(name).resolve();
    DynamicType.Builder<?> builder = byteBuddy.decorate(type, locator);
    for (Hook hook : copy.hooks()) {
      Hook.Form form = check.form(hook);
      if (form.className().equals(name)) {
        builder =
            builder.visit(
                Advice.to(pool.describe(form.advice().getName()).resolve(), locator)
                    .on(
                        ElementMatchers.hasMethodName(form.method())
                            .and(ElementMatchers.hasDescriptor(form.descriptor()))));
      }
    }
    return builder.make(TypeResolutionStrategy.Disabled.INSTANCE, pool).getBytes();
  }

  /** The libraries that were met, and whether they could be hooked. Any thread. */
  Collection<Seen> seen() {
    return seen;
  }

  /** The classes among these that an adapter hooks. */
  public List<Class<?>> hookedAmong(Class<?>[] loaded) {
    List<Class<?>> hooked = new ArrayList<>();
    for (Class<?> type : loaded) {
      if (copyWith(type.getName()) != null && !isOurs(type.getClassLoader())) {
        hooked.add(type);
      }
    }
    return hooked;
  }

  /**
   * The exporter brings a library of its own, and so does the OpenTelemetry agent's; in tests, the
   * agent's classes are anybody's.
   */
  private static boolean isOurs(@Nullable ClassLoader loader) {
    return loader != null
        && loader != ClassLoader.getSystemClassLoader()
        && (loader == Installer.class.getClassLoader()
            || loader.getClass().getName().startsWith("io.opentelemetry.javaagent."));
  }
}
