package org.keepaliveagent.conformance;

import java.io.IOException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What the rules are run on: one version of a library, with one of its clients or pools, plain or
 * over TLS.
 *
 * @param library the adapter's name
 * @param client which of its clients or pools; empty when there is one
 * @param version as users write it
 * @param factory makes a client of it
 */
public record Subject(String library, String client, String version, boolean tls, Factory factory) {
  /** Makes clients; any thread. */
  @FunctionalInterface
  public interface Factory {
    /**
     * A new client; the rules close it.
     *
     * @param url whose origin the client talks to
     * @param trust has the upstream's certificate for trusted; null for the platform's own trust,
     *     which does not know it
     */
    ClientDriver client(String url, @Nullable SSLContext trust) throws IOException;
  }

  /** The same over TLS. */
  public Subject overTls() {
    return new Subject(library, client, version, true, factory);
  }

  @Override
  public String toString() {
    return library + (client.isEmpty() ? "" : " " + client) + " " + version + (tls ? " TLS" : "");
  }
}
