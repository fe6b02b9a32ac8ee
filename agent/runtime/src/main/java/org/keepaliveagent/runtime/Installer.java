package org.keepaliveagent.runtime;

import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
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
  private final Map<Adapter, List<Hook>> hooks = new HashMap<>();
  private final Map<Adapter, Map<ClassLoader, HookCheck>> checks = new HashMap<>();
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
   * @param messages takes what a person should read
   * @param abandoned takes the name of a library of which only a part could be woven: nothing of it
   *     may be acted on any more
   */
  public Installer(
      Iterable<Adapter> adapters, Consumer<String> messages, Consumer<String> abandoned) {
    this.messages = messages;
    this.abandoned = abandoned;
    for (Adapter adapter : adapters) {
      checks.put(adapter, new WeakHashMap<ClassLoader, HookCheck>());
      List<Hook> stated = adapter.hooks();
      hooks.put(adapter, stated);
      for (Hook hook : stated) {
        for (Hook.Form form : hook.forms()) {
          byClass.put(form.className(), adapter);
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
    if (internalName == null) {
      return null;
    }
    String name = internalName.replace('/', '.');
    Adapter adapter = byClass.get(name);
    if (adapter == null) {
      return null;
    }
    try {
      return weave(adapter, loader, name, classFile);
    } catch (Throwable t) {
      say(adapter, "could not be hooked at " + name + ": " + t + ". The agent leaves it alone");
      abandoned.accept(adapter.name());
      return null;
    }
  }

  private byte @Nullable [] weave(
      Adapter adapter, @Nullable ClassLoader loader, String name, byte[] classFile) {
    ClassLoader from = loader == null ? ClassLoader.getSystemClassLoader() : loader;
    ClassFileLocator locator =
        new ClassFileLocator.Compound(
            ClassFileLocator.Simple.of(name, classFile),
            ClassFileLocator.ForClassLoader.of(from),
            own);
    TypePool pool = TypePool.Default.WithLazyResolution.of(locator);
    HookCheck check = check(adapter, from, pool);
    if (check.missing() != null) {
      return null;
    }
    TypeDescription type = pool.describe(name).resolve();
    DynamicType.Builder<?> builder = byteBuddy.decorate(type, locator);
    for (Hook hook : hooksOf(adapter)) {
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

  private HookCheck check(Adapter adapter, ClassLoader loader, TypePool pool) {
    synchronized (checks) {
      Map<ClassLoader, HookCheck> ofAdapter = checks.get(adapter);
      if (ofAdapter == null) {
        throw new IllegalStateException(adapter.name());
      }
      HookCheck known = ofAdapter.get(loader);
      if (known != null) {
        return known;
      }
      HookCheck check = HookCheck.of(hooksOf(adapter), pool);
      ofAdapter.put(loader, check);
      String missing = check.missing();
      if (missing != null) {
        say(
            adapter,
            "is not hooked: "
                + missing
                + " is not there. Known versions: "
                + adapter.versions()
                + ". The library runs as without the agent");
      }
      return check;
    }
  }

  private List<Hook> hooksOf(Adapter adapter) {
    return hooks.getOrDefault(adapter, Collections.<Hook>emptyList());
  }

  private void say(Adapter adapter, String what) {
    messages.accept(adapter.name() + " " + what + ".");
  }

  /** The classes among these that an adapter hooks. */
  public List<Class<?>> hookedAmong(Class<?>[] loaded) {
    List<Class<?>> hooked = new ArrayList<>();
    for (Class<?> type : loaded) {
      if (byClass.containsKey(type.getName())
          && type.getClassLoader() != Installer.class.getClassLoader()) {
        hooked.add(type);
      }
    }
    return hooked;
  }
}
