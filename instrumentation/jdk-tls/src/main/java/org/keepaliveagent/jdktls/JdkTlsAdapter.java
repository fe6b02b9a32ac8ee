package org.keepaliveagent.jdktls;

import java.util.Collections;
import java.util.List;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * The JDK's own TLS, below every client that uses it, on sockets and on engines: which sessions a
 * new connection offers again. A client looks for one by the host and port that it was given for
 * its peer; a server looks by the session's number, at another method.
 */
public final class JdkTlsAdapter implements Adapter {
  @Override
  public String name() {
    return "jdk-tls";
  }

  @Override
  public String versions() {
    return "JDK 8 to 26";
  }

  @Override
  public List<Hook> hooks() {
    return Collections.singletonList(
        Hook.of(
            "sun.security.ssl.SSLSessionContextImpl",
            "get",
            "(Ljava/lang/String;I)Lsun/security/ssl/SSLSessionImpl;",
            Offer.class));
  }

  @Override
  public void close(Object connection) {
    throw new IllegalStateException("TLS keeps no connections");
  }

  /** A session that may not be offered is not there. */
  public static final class Offer {
    @Advice.OnMethodExit
    public static void exit(
        @Advice.Argument(0) String host,
        @Advice.Argument(1) int port,
        @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) Object session) {
      if (session != null && host != null && !KeepaliveHooks.mayResume(host, port)) {
        session = null;
      }
    }
  }
}
