package org.keepaliveagent.runtime;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.bytebuddy.description.field.FieldDescription;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.pool.TypePool;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.adapter.Hook;

/**
 * Compares what an adapter states with the classes that are there, before anything is woven: a
 * library is hooked as a whole or not at all.
 */
final class HookCheck {
  private final Map<Hook, Hook.Form> forms = new HashMap<>();
  private @Nullable String missing;

  private HookCheck() {}

  static HookCheck of(List<Hook> hooks, TypePool pool) {
    HookCheck check = new HookCheck();
    for (Hook hook : hooks) {
      if (check.missing == null) {
        check.missing = check.find(hook, pool);
      }
    }
    return check;
  }

  /** What is missing first, in words; {@code null} when everything is there. */
  @Nullable String missing() {
    return missing;
  }

  /** The form of the hook that this version of the library has. */
  Hook.Form form(Hook hook) {
    Hook.Form form = forms.get(hook);
    if (form == null) {
      throw new IllegalStateException(hook.className() + "." + hook.method() + " is missing");
    }
    return form;
  }

  private @Nullable String find(Hook hook, TypePool pool) {
    TypePool.Resolution resolution = pool.describe(hook.className());
    if (!resolution.isResolved()) {
      return hook.isIfThere() ? null : "class " + hook.className();
    }
    TypeDescription type = resolution.resolve();
    for (String field : hook.fields()) {
      if (!hasField(type, field)) {
        return "field " + hook.className() + "." + field;
      }
    }
    for (Hook.Form form : hook.forms()) {
      if (hasMethod(type, hook.method(), form.descriptor())) {
        forms.put(hook, form);
        return null;
      }
    }
    return "method " + hook.className() + "." + hook.method() + hook.forms().get(0).descriptor();
  }

  private static boolean hasField(TypeDescription type, String name) {
    for (FieldDescription field : type.getDeclaredFields()) {
      if (field.getName().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasMethod(TypeDescription type, String name, String descriptor) {
    for (MethodDescription method : type.getDeclaredMethods()) {
      if (method.getInternalName().equals(name) && method.getDescriptor().equals(descriptor)) {
        return true;
      }
    }
    return false;
  }
}
