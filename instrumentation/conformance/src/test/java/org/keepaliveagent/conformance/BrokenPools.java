package org.keepaliveagent.conformance;

import java.io.IOException;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.hooks.KeepaliveHooks;

/** Reference clients, each with one mistake that an adapter could make. */
final class BrokenPools {
  private BrokenPools() {}

  /** Leases whatever is parked, whatever the answer was. */
  static final class NeverEvicts extends ReferenceClient {
    NeverEvicts(String url, @Nullable SSLContext trust) throws IOException {
      super(url, trust);
    }

    @Override
    boolean mayLease(Connection connection, Request request) {
      super.mayLease(connection, request);
      return true;
    }
  }

  /** Parks nothing. */
  static final class EvictsEverything extends ReferenceClient {
    EvictsEverything(String url, @Nullable SSLContext trust) throws IOException {
      super(url, trust);
    }

    @Override
    boolean mayPark(Connection connection, Response response) {
      return false;
    }
  }

  /** Sends once more whatever died on a parked connection, as some libraries do. */
  static final class RetriesPost extends ReferenceClient {
    private final Set<Request> retried = ConcurrentHashMap.newKeySet();

    RetriesPost(String url, @Nullable SSLContext trust) throws IOException {
      super(url, trust);
    }

    @Override
    boolean mayRetry(Request request) {
      super.mayRetry(request);
      return retried.add(request);
    }
  }

  /** Forgets refused connections, and does not close them. */
  static final class Leaks extends ReferenceClient {
    /** Their sockets would close themselves once they are garbage. */
    private final Queue<Connection> leaked = new ConcurrentLinkedQueue<>();

    Leaks(String url, @Nullable SSLContext trust) throws IOException {
      super(url, trust);
    }

    @Override
    void dispose(Connection connection) {
      leaked.add(connection);
    }

    @Override
    public void close() throws IOException {
      super.close();
      for (Connection each : leaked) {
        each.close();
      }
    }
  }

  /** Keeps in the pool what the sweep has closed, and leases it all the same. */
  static final class LeasesAfterClose extends ReferenceClient {
    LeasesAfterClose(String url, @Nullable SSLContext trust) throws IOException {
      super(url, trust);
    }

    @Override
    void evict(Connection connection) throws IOException {
      connection.close();
    }

    @Override
    boolean mayLease(Connection connection, Request request) {
      return super.mayLease(connection, request) || connection.socket.isClosed();
    }
  }

  /** Does not ask which headers may cross. */
  static final class SendsHopByHop extends ReferenceClient {
    SendsHopByHop(String url, @Nullable SSLContext trust) throws IOException {
      super(url, trust);
    }

    @Override
    boolean maySend(Connection connection, String name, String value, Request request) {
      return true;
    }
  }

  /** Parks whatever has a body that ended. */
  static final class ParksWhatShouldClose extends ReferenceClient {
    ParksWhatShouldClose(String url, @Nullable SSLContext trust) throws IOException {
      super(url, trust);
    }

    @Override
    boolean mayPark(Connection connection, Response response) {
      KeepaliveHooks.mayPark(connection);
      return true;
    }
  }

  /** Leaves a leased connection in the pool, where the next request finds it too. */
  static final class SharesConnections extends ReferenceClient {
    SharesConnections(String url, @Nullable SSLContext trust) throws IOException {
      super(url, trust);
    }

    @Override
    @Nullable Connection takeParked() {
      Connection taken = super.takeParked();
      if (taken != null && !taken.socket.isClosed()) {
        park(taken);
      }
      return taken;
    }
  }

  /** Says nothing of an upstream that refuses connections. */
  static final class TellsOfNoRefusal extends ReferenceClient {
    TellsOfNoRefusal(String url, @Nullable SSLContext trust) throws IOException {
      super(url, trust);
    }

    @Override
    void unreached(Request request, IOException cause) {}
  }
}
