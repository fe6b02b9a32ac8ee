package org.keepaliveagent.undertowproxy;

import io.undertow.client.ClientConnection;
import io.undertow.client.ClientExchange;
import io.undertow.client.ClientRequest;
import io.undertow.client.ClientResponse;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Protocols;
import java.util.Locale;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;

/** The advice of {@link UndertowProxyAdapter} on the heads that cross, which the proxy copies. */
public final class HeaderAdvice {
  private HeaderAdvice() {}

  /**
   * Sends a request. Before the library looks at its {@code Connection} header, and before it asks
   * for an upgrade of its own. A real upgrade keeps what asks for it.
   */
  public static final class Request {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This ClientConnection connection, @Advice.Argument(0) ClientRequest request) {
      if (KeepaliveHooks.maySendAll(connection) || connection.isMultiplexingSupported()) {
        return;
      }
      HeaderMap headers = request.getRequestHeaders();
      HeaderValues nominating = headers.get(Headers.CONNECTION);
      String nominated = nominating == null ? null : String.join(",", nominating);
      boolean upgrade =
          nominated != null
              && nominated.toLowerCase(Locale.ROOT).contains("upgrade")
              && headers.contains(Headers.UPGRADE)
              && !"h2c".equalsIgnoreCase(headers.getFirst(Headers.UPGRADE));
      for (HttpString name : headers.getHeaderNames().toArray(new HttpString[0])) {
        boolean asks = name.equals(Headers.CONNECTION) || name.equals(Headers.UPGRADE);
        if (!(upgrade && asks)
            && !KeepaliveHooks.maySend(
                connection, name.toString(), headers.getFirst(name), nominated)) {
          headers.remove(name);
        }
      }
      String[] more = KeepaliveHooks.headersToSet(connection);
      for (int i = 0; more != null && i < more.length; i += 2) {
        headers.put(new HttpString(more[i]), more[i + 1]);
      }
    }
  }

  /**
   * A final response head has arrived, and the library has looked at its {@code Connection} header.
   * What belongs to the hop to the upstream does not cross to the front, where none does so from
   * there.
   */
  public static final class Response {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This ClientExchange exchange, @Advice.Argument(0) ClientResponse response) {
      ClientConnection connection = exchange.getConnection();
      HeaderMap headers = response.getResponseHeaders();
      HeaderValues nominating = headers.get(Headers.CONNECTION);
      String nominated =
          nominating == null
              ? null
              : nominating.size() == 1 ? nominating.getFirst() : String.join(",", nominating);
      KeepaliveHooks.responding(
          connection,
          response.getResponseCode(),
          !Protocols.HTTP_1_1.equals(response.getProtocol()),
          nominated,
          headers.getFirst(Headers.KEEP_ALIVE));
      if (response.getResponseCode() == 101
          || KeepaliveHooks.maySendAll(connection)
          || KeepaliveHooks.maySend(connection, "Keep-Alive", null, null)) {
        return;
      }
      if (nominated != null) {
        for (String name : nominated.split("[, \\t]+", -1)) {
          headers.remove(name);
        }
      }
      headers.remove(Headers.CONNECTION);
      headers.remove(Headers.KEEP_ALIVE);
      headers.remove("Proxy-Connection");
    }
  }
}
