package org.keepaliveagent.conformance;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.hooks.KeepaliveEngine;

/** One thing that is wrong with an engine: what a bug of ours in one of its calls amounts to. */
final class Defect {
  enum Kind {
    /** The call throws, and nothing else. */
    THROWS,
    /** The call does its work and then throws, so that its answer is lost. */
    THROWS_AFTERWARDS,
    /** The call does its work and gives another answer. */
    ANSWERS,
    /** The call does nothing. */
    FORGETS,
    /** The call does its work twice. */
    REPEATS
  }

  private static final List<Integer> NUMBERS = List.of(-1, 0, 1, Integer.MAX_VALUE);
  private static final List<String[]> HEADERS =
      List.of(new String[0], new String[] {"X-Wrong"}, new String[] {"X-Wrong", "1"});

  private final String hook;
  private final Kind kind;
  private final @Nullable Object answer;
  private final AtomicInteger met = new AtomicInteger();

  private Defect(String hook, Kind kind, @Nullable Object answer) {
    this.hook = hook;
    this.kind = kind;
    this.answer = answer;
  }

  /** A fault in each call, before its work and after it. */
  static Stream<Defect> faults() {
    return calls()
        .flatMap(
            call ->
                Stream.of(
                    new Defect(call.getName(), Kind.THROWS, null),
                    new Defect(call.getName(), Kind.THROWS_AFTERWARDS, null)));
  }

  /** Every answer of each question, right or wrong, and each fact told twice or not at all. */
  static Stream<Defect> lies() {
    List<Defect> lies = new ArrayList<>();
    calls()
        .forEach(
            call -> {
              String hook = call.getName();
              Class<?> answer = call.getReturnType();
              if (answer == void.class) {
                lies.add(new Defect(hook, Kind.FORGETS, null));
                lies.add(new Defect(hook, Kind.REPEATS, null));
              } else if (answer == boolean.class) {
                lies.add(new Defect(hook, Kind.ANSWERS, true));
                lies.add(new Defect(hook, Kind.ANSWERS, false));
              } else if (answer == int.class) {
                NUMBERS.forEach(number -> lies.add(new Defect(hook, Kind.ANSWERS, number)));
              } else {
                HEADERS.forEach(headers -> lies.add(new Defect(hook, Kind.ANSWERS, headers)));
              }
            });
    return lies.stream();
  }

  private static Stream<Method> calls() {
    return Stream.of(KeepaliveEngine.class.getMethods())
        .filter(call -> !call.getName().equals("contained"))
        .sorted(Comparator.comparing(Method::getName));
  }

  /** How often it showed. */
  int met() {
    return met.get();
  }

  /** The engine with this defect. */
  KeepaliveEngine in(KeepaliveEngine engine) {
    return (KeepaliveEngine)
        Proxy.newProxyInstance(
            KeepaliveEngine.class.getClassLoader(),
            new Class<?>[] {KeepaliveEngine.class},
            (proxy, call, arguments) ->
                call.getName().equals(hook)
                    ? broken(engine, call, arguments)
                    : invoke(engine, call, arguments));
  }

  private @Nullable Object broken(KeepaliveEngine engine, Method call, Object[] arguments)
      throws Throwable {
    met.incrementAndGet();
    if (kind == Kind.THROWS) {
      throw new IllegalStateException("a defect in " + hook);
    }
    if (kind == Kind.FORGETS) {
      return null;
    }
    invoke(engine, call, arguments);
    if (kind == Kind.THROWS_AFTERWARDS) {
      throw new IllegalStateException("a defect in " + hook);
    }
    return kind == Kind.ANSWERS ? answer : invoke(engine, call, arguments);
  }

  private static @Nullable Object invoke(KeepaliveEngine engine, Method call, Object[] arguments)
      throws Throwable {
    try {
      return call.invoke(engine, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Override
  public String toString() {
    String said = answer instanceof Object[] headers ? Arrays.toString(headers) : "" + answer;
    return hook + " " + kind + (kind == Kind.ANSWERS ? " " + said : "");
  }
}
