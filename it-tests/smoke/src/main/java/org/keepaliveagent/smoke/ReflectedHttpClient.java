package org.keepaliveagent.smoke;

import java.lang.reflect.Method;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** {@code java.net.http}, which a class for Java 8 cannot name. */
final class ReflectedHttpClient implements SmokeClient {
  private static final String PACKAGE = "java.net.http.";

  private @Nullable Object client;

  /** From Java 11 on. */
  static boolean exists() {
    try {
      type("HttpClient");
      return true;
    } catch (ClassNotFoundException absent) {
      return false;
    }
  }

  @Override
  public synchronized int send(URI to, String method, String traceparent) throws Exception {
    if (client == null) {
      client = call(type("HttpClient"), null, "newHttpClient");
    }
    Class<?> builder = type("HttpRequest$Builder");
    Class<?> publishers = type("HttpRequest$BodyPublishers");
    Object body =
        method.equals("POST")
            ? call(publishers, null, "ofString", "hello")
            : call(publishers, null, "noBody");
    Object request = call(type("HttpRequest"), null, "newBuilder", to);
    call(builder, request, "header", "traceparent", traceparent);
    call(builder, request, "method", method, body);
    Object handler = call(type("HttpResponse$BodyHandlers"), null, "discarding");
    Object sent =
        call(type("HttpClient"), client, "send", call(builder, request, "build"), handler);
    return (Integer) call(type("HttpResponse"), sent, "statusCode");
  }

  private static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName(PACKAGE + name);
  }

  /** Calls the method of that name which takes arguments of these types. */
  private static Object call(Class<?> type, @Nullable Object on, String name, Object... arguments)
      throws Exception {
    for (Method method : type.getMethods()) {
      if (method.getName().equals(name) && takes(method.getParameterTypes(), arguments)) {
        return method.invoke(on, arguments);
      }
    }
    throw new NoSuchMethodException(type + "." + name);
  }

  private static boolean takes(Class<?>[] parameters, Object[] arguments) {
    boolean takes = parameters.length == arguments.length;
    for (int i = 0; takes && i < parameters.length; i++) {
      takes = parameters[i].isInstance(arguments[i]);
    }
    return takes;
  }
}
