package org.keepaliveagent.proxycore;

import java.lang.reflect.Proxy;

/** Signals of the operating system. */
final class Signals {
  private Signals() {}

  /**
   * Runs a task at each SIGHUP, on a thread of its own. Where there is no such signal, or the JVM
   * keeps it for itself ({@code -Xrs}), it is never run.
   */
  static void onHup(Runnable task) {
    try {
      // By name: the compiler warns of these classes, and the warning cannot be turned off.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handlerType},
              (self, method, args) -> {
                task.run();
                return null;
              });
      Object hup = signal.getConstructor(String.class).newInstance("HUP");
      signal.getMethod("handle", signal, handlerType).invoke(null, hup, handler);
    } catch (ReflectiveOperationException e) {
      return; // As documented.
    }
  }
}
