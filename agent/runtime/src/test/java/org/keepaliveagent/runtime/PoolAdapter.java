package org.keepaliveagent.runtime;

import java.util.List;
import net.bytebuddy.asm.Advice;
import org.example.pool.Pool;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/** An adapter of the test's library. */
public final class PoolAdapter implements Adapter {
  private final String method;
  private final List<String> packages;

  PoolAdapter(String method, List<String> packages) {
    this.method = method;
    this.packages = packages;
  }

  @Override
  public String name() {
    return "pool";
  }

  @Override
  public String versions() {
    return "1 to 2";
  }

  @Override
  public List<String> packages() {
    return packages;
  }

  @Override
  public List<Hook> hooks() {
    return List.of(
        Hook.of(
                "org.example.pool.Pool",
                method,
                "(Lorg/example/pool/Pool$Connection;)Ljava/lang/String;",
                Lease.class)
            .reading("connection"));
  }

  @Override
  public void close(Object connection) {}

  /** Uses the library's types wherever advice may: argument, field, cast, call and text. */
  public static final class Lease {
    @Advice.OnMethodExit
    public static void exit(
        @Advice.Argument(0) Pool.Connection asked,
        @Advice.FieldValue("connection") Pool.Connection own,
        @Advice.Return(readOnly = false) String answer) {
      Object either = asked == null ? own : asked;
      String type = "org.example.pool.Pool$Connection";
      if (either.getClass().getName().equals(type)) {
        answer = ((Pool.Connection) either).mark();
      }
    }
  }
}
