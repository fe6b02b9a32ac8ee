package org.example.pool;

/** A library for the tests of the installer, of which relocated copies are made. */
public class Pool {
  private final Connection connection = new Connection();

  public String lease(Connection asked) {
    return asked == null ? connection.toString() : asked.toString();
  }

  /** What it hands out. */
  public static class Connection {
    public String mark() {
      return "marked by advice";
    }
  }
}
