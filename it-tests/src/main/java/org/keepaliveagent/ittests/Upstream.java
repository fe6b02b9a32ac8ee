package org.keepaliveagent.ittests;

import java.io.IOException;
import java.util.List;

/** The server behind a proxy, with what it has counted so far. */
public interface Upstream extends AutoCloseable {
  int port();

  /** All that it listens on. */
  List<Integer> ports();

  /** Connections accepted. */
  int connections() throws IOException;

  /** Requests, by their id, that were executed more than once. */
  int executedTwice() throws IOException;

  /** Those of them that are POSTs. */
  int postsExecutedTwice() throws IOException;

  @Override
  void close() throws IOException;
}
