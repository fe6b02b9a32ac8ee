package org.keepaliveagent.ittests;

import java.io.IOException;

/** The server behind a proxy, with what it has counted so far. */
interface Upstream extends AutoCloseable {
  int port();

  /** Connections accepted. */
  int connections() throws IOException;

  /** Requests, by their id, that were executed more than once. */
  int executedTwice() throws IOException;

  @Override
  void close() throws IOException;
}
