package org.keepaliveagent.conformance;

import java.io.IOException;
import java.util.List;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/** Gives the reference client its name. It asks the hooks itself, so that nothing is woven. */
public final class ReferenceAdapter implements Adapter {
  @Override
  public String name() {
    return ReferenceClient.LIBRARY;
  }

  @Override
  public String versions() {
    return "this one";
  }

  @Override
  public List<Hook> hooks() {
    return List.of();
  }

  @Override
  public void close(Object connection) throws IOException {
    ((ReferenceClient.Connection) connection).evict();
  }
}
