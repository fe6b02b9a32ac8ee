package org.keepaliveagent.adapter;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One place in a library: a method, stated exactly, the advice for it, and the fields that the
 * advice reads. Immutable.
 */
public final class Hook {
  /** One form of the place, as some version of the library has it. */
  public static final class Form {
    private final String className;
    private final String method;
    private final String descriptor;
    private final Class<?> advice;
    private final List<String> fields;

    private Form(
        String className, String method, String descriptor, Class<?> advice, List<String> fields) {
      this.className = className;
      this.method = method;
      this.descriptor = descriptor;
      this.advice = advice;
      this.fields = Collections.unmodifiableList(fields);
    }

    private Form reading(String... names) {
      List<String> more = new ArrayList<>(fields);
      Collections.addAll(more, names);
      return new Form(className, method, descriptor, advice, more);
    }

    public String className() {
      return className;
    }

    public String method() {
      return method;
    }

    public String descriptor() {
      return descriptor;
    }

    public Class<?> advice() {
      return advice;
    }

    /** Fields of the class that the advice reads. */
    public List<String> fields() {
      return fields;
    }
  }

  private final List<Form> forms;

  private Hook(List<Form> forms) {
    this.forms = Collections.unmodifiableList(forms);
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
    return new Hook(
        Collections.singletonList(
            new Form(className, method, descriptor, advice, Collections.<String>emptyList())));
  }

  /** The same method in another version of the library; the first form that exists is woven. */
  public Hook or(String descriptor, Class<?> advice) {
    Form first = forms.get(0);
    return or(of(first.className, first.method, descriptor, advice));
  }

  /** The same place under other names in another version; the first form that exists is woven. */
  public Hook or(Hook otherwise) {
    List<Form> more = new ArrayList<>(forms);
    more.addAll(otherwise.forms);
    return new Hook(more);
  }

  /** Fields that the advice of all forms so far reads, each of its own class. */
  public Hook reading(String... names) {
    List<Form> more = new ArrayList<>();
    for (Form form : forms) {
      more.add(form.reading(names));
    }
    return new Hook(more);
  }

  /**
   * The same place in a relocated copy of the library.
   *
   * @param type gives a binary class name its name in the copy
   * @param descriptor does so inside a method descriptor
   */
  public Hook renamed(UnaryOperator<String> type, UnaryOperator<String> descriptor) {
    List<Form> renamed = new ArrayList<>();
    for (Form form : forms) {
      renamed.add(
          new Form(
              type.apply(form.className),
              form.method,
              descriptor.apply(form.descriptor),
              form.advice,
              form.fields));
    }
    return new Hook(renamed);
  }

  public List<Form> forms() {
    return forms;
  }
}
