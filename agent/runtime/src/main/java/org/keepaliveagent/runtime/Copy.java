package org.keepaliveagent.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.Remapper;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.OpenedClassReader;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/**
 * A library under one set of names: its own, or those of a relocated copy. Hooks and advice speak
 * of its classes by these names. Checked once for each class loader that has it.
 */
final class Copy {
  private final Adapter adapter;
  private final Relocation relocation;
  private final List<Hook> hooks;
  private final Map<ClassLoader, HookCheck> checks = new WeakHashMap<>();
  private final Remapper names = new Names();

  Copy(Adapter adapter, Relocation relocation) {
    this.adapter = adapter;
    this.relocation = relocation;
    this.hooks = relocation == Relocation.NONE ? adapter.hooks() : renamed(adapter.hooks());
  }

  private List<Hook> renamed(List<Hook> stated) {
    List<Hook> renamed = new ArrayList<>();
    for (Hook hook : stated) {
      renamed.add(hook.renamed(this::type, names::mapMethodDesc));
    }
    return renamed;
  }

  /** The name of the library whose copy it is. */
  String library() {
    return adapter.name();
  }

  List<Hook> hooks() {
    return hooks;
  }

  /**
   * Whether all that the adapter states is in this loader; looked at when first asked, and what is
   * missing is said.
   */
  HookCheck check(ClassLoader loader, TypePool pool, Consumer<String> messages) {
    synchronized (checks) {
      HookCheck check = checks.get(loader);
      if (check == null) {
        check = HookCheck.of(hooks, pool);
        checks.put(loader, check);
        if (check.missing() != null) {
          messages.accept(
              this
                  + " is not hooked: "
                  + check.missing()
                  + " is not there. Known versions: "
                  + adapter.versions()
                  + ". The library runs as without the agent.");
        }
      }
      return check;
    }
  }

  /**
   * Finds the advice, and nothing else, with the names of this copy.
   *
   * @param own finds it as it was compiled
   */
  ClassFileLocator advice(ClassFileLocator own) {
    return relocation == Relocation.NONE ? ClassFileLocator.NoOp.INSTANCE : new RenamedAdvice(own);
  }

  /** A binary name as the copy has it. */
  private String type(String name) {
    return isRelocated(name, adapter) ? relocation.relocated(name) : name;
  }

  /** Whether a copy of the adapter's library has another name for this one. */
  static boolean isRelocated(String name, Adapter adapter) {
    for (String known : adapter.packages()) {
      if (name.startsWith(known)) {
        return true;
      }
    }
    return false;
  }

  /** As messages name it. */
  @Override
  public String toString() {
    return adapter.name() + relocation;
  }

  private final class RenamedAdvice implements ClassFileLocator {
    private final ClassFileLocator own;
    private final Set<String> advice = new HashSet<>();

    RenamedAdvice(ClassFileLocator own) {
      this.own = own;
      for (Hook hook : hooks) {
        for (Hook.Form form : hook.forms()) {
          advice.add(form.advice().getName());
        }
      }
    }

    @Override
    public Resolution locate(String name) throws IOException {
      if (!advice.contains(name)) {
        return new Resolution.Illegal(name);
      }
      ClassReader compiled = OpenedClassReader.of(own.locate(name).resolve());
      ClassWriter renamed = new ClassWriter(0);
      compiled.accept(new ClassRemapper(renamed, names), 0);
      return new Resolution.Explicit(renamed.toByteArray());
    }

    @Override
    public void close() {
      // nothing of its own is open
    }
  }

  /** Names in class files: of types, and of types in text. */
  private final class Names extends Remapper {
    Names() {
      super(OpenedClassReader.ASM_API);
    }

    @Override
    public String map(String internalName) {
      return type(internalName.replace('/', '.')).replace('.', '/');
    }

    @Override
    public Object mapValue(Object value) {
      return value instanceof String ? type((String) value) : super.mapValue(value);
    }
  }
}
