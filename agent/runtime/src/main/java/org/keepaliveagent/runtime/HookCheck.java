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
      throw new IllegalStateException(hook.forms().get(0).method() + " is missing");
    }
    return form;
  }

  private @Nullable String find(Hook hook, TypePool pool) {
    String missingFirst = null;
    for (Hook.Form form : hook.forms()) {
      String missingHere = find(form, pool);
      if (missingHere == null) {
        forms.put(hook, form);
        return null;
      }
      missingFirst = missingFirst == null ? missingHere : missingFirst;
    }
    return missingFirst;
  }

  private static @Nullable String find(Hook.Form form, TypePool pool) {
    TypePool.Resolution resolution = pool.describe(form.className());
    if (!resolution.isResolved()) {
      return "class " + form.className();
    }
    TypeDescription type = resolution.resolve();
    for (String field : form.fields()) {
      if (!hasField(type, field)) {
        return "field " + form.className() + "." + field;
      }
    }
    if (!hasMethod(type, form.method(), form.descriptor())) {
      return "method " + form.className() + "." + form.method() + form.descriptor();
    }
    return null;
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
