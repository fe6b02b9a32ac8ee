package org.keepaliveagent.proxycore;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A DNS server that knows one name, of which 127.0.0.1 is the address; a name that begins with
 * {@code silent} has no answer at all.
 */
final class NameServer implements AutoCloseable {
  private static final int HEAD = 12;
  private static final byte[] ANSWER =
      HexFormat.of().parseHex("c00c" + "0001" + "0001" + "0000003c" + "0004" + "7f000001");

  private final String known;
  private final DatagramSocket socket;
  private final Thread thread;
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();

  NameServer(String known) throws IOException {
    this.known = known;
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    thread = new Thread(this::serve, "name server");
    thread.start();
  }

  int port() {
    return socket.getLocalPort();
  }

  /** The names that it was asked for, of IPv4 addresses. */
  Queue<String> asked() {
    return asked;
  }

  private void serve() {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        socket.receive(packet);
        answer(packet);
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void answer(DatagramPacket packet) throws IOException {
    byte[] query = packet.getData();
    StringBuilder name = new StringBuilder();
    int at = HEAD;
    for (int length = query[at]; length > 0; length = query[at]) {
      name.append(name.isEmpty() ? "" : ".");
      name.append(new String(query, at + 1, length, StandardCharsets.US_ASCII));
      at += length + 1;
    }
    boolean ipv4 = query[at + 2] == 1;
    int end = at + 5;
    if (ipv4) {
      asked.add(name.toString());
    }
    if (name.toString().startsWith("silent")) {
      return;
    }
    boolean found = name.toString().equals(known);
    ByteArrayOutputStream response = new ByteArrayOutputStream();
    response.write(query, 0, 2);
    response.writeBytes(HexFormat.of().parseHex(found ? "8180" : "8183"));
    response.writeBytes(
        HexFormat.of().parseHex(found && ipv4 ? "0001000100000000" : "0001000000000000"));
    response.write(query, HEAD, end - HEAD);
    response.writeBytes(found && ipv4 ? ANSWER : new byte[0]);
    socket.send(
        new DatagramPacket(response.toByteArray(), response.size(), packet.getSocketAddress()));
  }

  @Override
  public void close() {
    socket.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
