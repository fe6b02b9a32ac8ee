package org.keepaliveagent.okhttp;

import java.net.Socket;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import okhttp3.Connection;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Protocol;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.hooks.KeepaliveSocket;

/**
 * The advice of {@link OkHttpAdapter} on what happens to connections, one class for each place.
 *
 * <p>Compiled against version 3.14: whatever of the library it uses is there in all versions. A
 * connection that does not speak HTTP/1.1 is left alone everywhere.
 */
public final class OkHttpPoolAdvice {
  private OkHttpPoolAdvice() {}

  /**
   * Searches for a connection on this thread; which argument is the chain depends on the version.
   */
  public static final class Searching {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object exchange,
        @Advice.Argument(0) Object first,
        @Advice.Argument(value = 1, optional = true, typing = Assigner.Typing.DYNAMIC)
            Object second) {
      Interceptor.Chain chain =
          (Interceptor.Chain) (first instanceof Interceptor.Chain ? first : second);
      KeepaliveHooks.leasing(exchange, chain.request().method());
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit() {
      KeepaliveHooks.leased();
    }
  }

  /** Finds nothing in the pool for an exchange that needs a fresh connection. */
  public static final class Lookup {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter() {
      return !KeepaliveHooks.mayReuse();
    }
  }

  /**
   * A connection has been taken from the pool, with no lock held; of one that is new or still the
   * call's own the library asks too, and the answer is yes.
   */
  public static final class Lease {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This Connection connection,
        @Advice.FieldValue("rawSocket") Socket socket,
        @Advice.FieldValue("successCount") int completed,
        @Advice.Return(readOnly = false) boolean healthy) {
      if (connection.protocol() != Protocol.HTTP_1_1) {
        return;
      }
      if (healthy) {
        // It may have been parked before the agent came.
        HttpUrl url = connection.route().address().url();
        KeepaliveHooks.opened(connection, "okhttp", url.scheme(), url.host(), url.port());
      }
      if (!healthy
          || (completed > 0 && !KeepaliveSocket.isQuiet(connection, socket, connection.socket()))) {
        KeepaliveHooks.closed(connection, true);
      }
      healthy = KeepaliveHooks.mayLease(connection) && healthy;
    }
  }

  /** Takes a connection back; the caller closes it if told that it is gone from the pool. */
  public static final class Park {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This Object pool,
        @Advice.Argument(0) Connection connection,
        @Advice.FieldValue("connections") Collection<?> connections,
        @Advice.Return(readOnly = false) boolean gone) {
      if (connection.protocol() != Protocol.HTTP_1_1) {
        return;
      }
      if (!gone && !KeepaliveHooks.mayPark(connection, pool)) {
        connections.remove(connection);
        gone = true;
      }
      if (gone) {
        KeepaliveHooks.closed(connection, false);
      }
    }
  }

  /** A connection, new or not, is about to carry an exchange: its time-outs are set. */
  public static final class Opened {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Connection connection,
        @Advice.FieldValue("rawSocket") Socket socket,
        @Advice.FieldValue("successCount") int completed,
        @Advice.Argument(value = 1, readOnly = false, typing = Assigner.Typing.DYNAMIC)
            Interceptor.Chain chain) {
      if (connection.protocol() != Protocol.HTTP_1_1) {
        return;
      }
      HttpUrl url = connection.route().address().url();
      KeepaliveHooks.opened(connection, "okhttp", url.scheme(), url.host(), url.port());
      if (completed == 0) {
        KeepaliveHooks.connected(socket, url.scheme(), url.host(), url.port());
        Socket layered = connection.socket();
        if (layered instanceof SSLSocket) {
          KeepaliveHooks.secured(url.host(), url.port(), ((SSLSocket) layered).getSession());
        }
      }
      int read = KeepaliveHooks.readTimeoutMillis(connection, chain.readTimeoutMillis());
      if (read != chain.readTimeoutMillis()) {
        chain = chain.withReadTimeout(read, TimeUnit.MILLISECONDS);
      }
      int write = KeepaliveHooks.sendTimeoutMillis(connection, chain.writeTimeoutMillis());
      if (write != chain.writeTimeoutMillis()) {
        chain = chain.withWriteTimeout(write, TimeUnit.MILLISECONDS);
      }
    }
  }
}
