package org.keepaliveagent.conformance;

/**
 * What a client got: the status, and the serial numbers that the upstream gave to the connection
 * and to the request on it.
 */
public record Reply(int status, int connection, int request) {
  @Override
  public String toString() {
    return status + " to request " + request + " on connection " + connection;
  }
}
