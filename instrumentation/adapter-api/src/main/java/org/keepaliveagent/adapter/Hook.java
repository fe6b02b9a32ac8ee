package org.keepaliveagent.adapter;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One place in a library: a method, stated exactly, the advice for it, and the fields that the
 * advice reads. Immutable.
 */
public final class Hook {
  /** One form of the method, as some version of the library has it. */
  public static final class Form {
    private final String descriptor;
    private final Class<?> advice;

    private Form(String descriptor, Class<?> advice) {
      this.descriptor = descriptor;
      this.advice = advice;
    }

    public String descriptor() {
      return descriptor;
    }

    public Class<?> advice() {
      return advice;
    }
  }

  private final String className;
  private final String method;
  private final List<Form> forms;
  private final List<String> fields;
  private final boolean ifThere;

  private Hook(
      String className, String method, List<Form> forms, List<String> fields, boolean ifThere) {
    this.className = className;
    this.method = method;
    this.forms = Collections.unmodifiableList(forms);
    this.fields = Collections.unmodifiableList(fields);
    this.ifThere = ifThere;
  }

  /**
   * States a hook.
   *
   * @param className binary name of the library's class
   * @param method its name; {@code <init>} for a constructor
   * @param descriptor as in the class file
   * @param advice a public class with Byte Buddy's advice annotations, in Java 8 bytecode
   */
  public static Hook of(String className, String method, String descriptor, Class<?> advice) {
    List<Form> forms = new ArrayList<>();
    forms.add(new Form(descriptor, advice));
    return new Hook(className, method, forms, Collections.<String>emptyList(), false);
  }

  /** The same place in another version of the library; the first form that exists is woven. */
  public Hook or(String descriptor, Class<?> advice) {
    List<Form> more = new ArrayList<>(forms);
    more.add(new Form(descriptor, advice));
    return new Hook(className, method, more, fields, ifThere);
  }

  /** Fields of the class that the advice reads. */
  public Hook reading(String... names) {
    List<String> more = new ArrayList<>(fields);
    Collections.addAll(more, names);
    return new Hook(className, method, forms, more, ifThere);
  }

  /** A hook that is left out where the library has no such class, as in other versions of it. */
  public Hook ifThere() {
    return new Hook(className, method, forms, fields, true);
  }

  public String className() {
    return className;
  }

  public String method() {
    return method;
  }

  public List<Form> forms() {
    return forms;
  }

  public List<String> fields() {
    return fields;
  }

  public boolean isIfThere() {
    return ifThere;
  }
}
