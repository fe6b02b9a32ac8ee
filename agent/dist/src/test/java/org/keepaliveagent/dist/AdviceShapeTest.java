package org.keepaliveagent.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ConstantDynamic;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.Remapper;
import net.bytebuddy.utility.OpenedClassReader;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/**
 * Advice is inlined into other people's classes, some of them as old as Java 6: what may stand in
 * it is checked on its bytecode.
 */
class AdviceShapeTest {
  /** Never relocated with a library. */
  private static final List<String> OF_OTHERS =
      List.of("java.", "javax.", "net.bytebuddy.", "org.jspecify.", "org.keepaliveagent.");

  @Test
  void adviceCanBeInlinedIntoAnyClass() throws Exception {
    Set<Class<?>> advice = new HashSet<>();
    for (Adapter adapter : ServiceLoader.load(Adapter.class)) {
      for (Hook hook : adapter.hooks()) {
        for (Hook.Form form : hook.forms()) {
          advice.add(form.advice());
        }
      }
    }
    assertFalse(advice.isEmpty(), "no adapter was found");
    List<String> wrong = new ArrayList<>();
    for (Class<?> type : advice) {
      try (InputStream in = compiled(type)) {
        new ClassReader(in.readAllBytes()).accept(new Check(wrong), 0);
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void anAdapterThatNamesPackagesNamesThoseOfAllTypesInHooksAndAdvice() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (Adapter adapter : ServiceLoader.load(Adapter.class)) {
      if (adapter.packages().isEmpty()) {
        continue;
      }
      Set<String> types = new TreeSet<>();
      Remapper collecting = collecting(types);
      for (Hook hook : adapter.hooks()) {
        for (Hook.Form form : hook.forms()) {
          types.add(form.className());
          collecting.mapMethodDesc(form.descriptor());
          try (InputStream in = compiled(form.advice())) {
            ClassVisitor nowhere = new ClassVisitor(OpenedClassReader.ASM_API) {};
            new ClassReader(in.readAllBytes()).accept(new ClassRemapper(nowhere, collecting), 0);
          }
        }
      }
      types.removeIf(type -> isAnyIn(OF_OTHERS, type) || isAnyIn(adapter.packages(), type));
      if (!types.isEmpty()) {
        wrong.add(adapter.name() + " names no package of " + types);
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void noClassIsHookedByTwoAdapters() {
    Map<String, String> hookedBy = new HashMap<>();
    List<String> twice = new ArrayList<>();
    for (Adapter adapter : ServiceLoader.load(Adapter.class)) {
      for (Hook hook : adapter.hooks()) {
        for (Hook.Form form : hook.forms()) {
          String other = hookedBy.putIfAbsent(form.className(), adapter.name());
          if (other != null && !other.equals(adapter.name())) {
            twice.add(form.className() + " by " + other + " and " + adapter.name());
          }
        }
      }
    }
    assertEquals(List.of(), twice);
  }

  private static boolean isAnyIn(List<String> packages, String type) {
    return packages.stream().anyMatch(type::startsWith);
  }

  private static Remapper collecting(Set<String> types) {
    return new Remapper(OpenedClassReader.ASM_API) {
      @Override
      public String map(String internalName) {
        types.add(internalName.replace('/', '.'));
        return internalName;
      }
    };
  }

  private static InputStream compiled(Class<?> type) {
    return Objects.requireNonNull(
        type.getResourceAsStream("/" + type.getName().replace('.', '/') + ".class"));
  }

  private static final class Check extends ClassVisitor {
    private final List<String> wrong;
    private String type = "";

    Check(List<String> wrong) {
      super(OpenedClassReader.ASM_API);
      this.wrong = wrong;
    }

    @Override
    public void visit(
        int version, int access, String name, String signature, String parent, String[] more) {
      type = name;
      if ((version & 0xFFFF) > Opcodes.V1_8) {
        wrong.add(name + " is newer than Java 8");
      }
      if ((access & Opcodes.ACC_PUBLIC) == 0) {
        wrong.add(name + " is not public");
      }
    }

    @Override
    public FieldVisitor visitField(
        int access, String name, String descriptor, String signature, Object value) {
      wrong.add(type + " has the field " + name);
      return null;
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      if (name.equals("<init>")) {
        return null;
      }
      if ((access & Opcodes.ACC_STATIC) == 0 || (access & Opcodes.ACC_PUBLIC) == 0) {
        wrong.add(type + "." + name + " is not public static");
      }
      return new MethodVisitor(OpenedClassReader.ASM_API) {
        @Override
        public void visitInvokeDynamicInsn(
            String called, String calledDescriptor, Handle bootstrap, Object... arguments) {
          wrong.add(type + "." + name + " holds invokedynamic " + called);
        }

        @Override
        public void visitLdcInsn(Object value) {
          if (value instanceof ConstantDynamic) {
            wrong.add(type + "." + name + " holds a dynamic constant");
          }
        }

        @Override
        public void visitMethodInsn(
            int opcode, String owner, String called, String calledDescriptor, boolean isInterface) {
          if (owner.startsWith("org/keepaliveagent/")
              && !owner.startsWith("org/keepaliveagent/hooks/")
              && !owner.startsWith("org/keepaliveagent/proxycore/")) {
            wrong.add(type + "." + name + " calls " + owner + ", which the library cannot see");
          }
        }
      };
    }
  }
}
