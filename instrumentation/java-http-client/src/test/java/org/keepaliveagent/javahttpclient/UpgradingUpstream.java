package org.keepaliveagent.javahttpclient;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An upstream that agrees to leave HTTP/1.1: for a WebSocket that says what it hears (RFC 6455), or
 * for HTTP/2 (RFC 7540, 3.2) that answers each request with an empty 200.
 */
final class UpgradingUpstream implements AutoCloseable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int ACK = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  /** {@code :status: 200} in HPACK's static table. */
  private static final byte[] STATUS_200 = {(byte) 0x88};

  private final boolean http2;
  private final ServerSocket listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<String> heads = new CopyOnWriteArrayList<>();

  private UpgradingUpstream(boolean http2) throws IOException {
    this.http2 = http2;
    threads.execute(this::accept);
  }

  static UpgradingUpstream toWebSocket() throws IOException {
    return new UpgradingUpstream(false);
  }

  static UpgradingUpstream toHttp2() throws IOException {
    return new UpgradingUpstream(true);
  }

  int port() {
    return listener.getLocalPort();
  }

  int accepted() {
    return sockets.size();
  }

  List<String> heads() {
    return heads;
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        threads.execute(() -> serve(socket));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      String head = readHead(in);
      heads.add(head);
      if (http2) {
        say(out, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
        serveHttp2(in, out);
      } else {
        String key = head.replaceAll("(?is).*\r\nSec-WebSocket-Key: ([^\r]*)\r\n.*", "$1");
        byte[] hash =
            MessageDigest.getInstance("SHA-1")
                .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1));
        say(
            out,
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: "
                + Base64.getEncoder().encodeToString(hash)
                + "\r\n\r\n");
        serveWebSocket(in, out);
      }
    } catch (IOException gone) {
      // the client closed it, or the test did
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Short frames in one piece, which is what the test sends. */
  private static void serveWebSocket(DataInputStream in, OutputStream out) throws IOException {
    while (true) {
      int kind = in.readUnsignedByte();
      int length = in.readUnsignedByte() & 0x7F;
      byte[] mask = in.readNBytes(4);
      byte[] said = in.readNBytes(length);
      for (int i = 0; i < said.length; i++) {
        said[i] ^= mask[i % 4];
      }
      out.write(kind);
      out.write(length);
      out.write(said);
      out.flush();
    }
  }

  private static void serveHttp2(DataInputStream in, OutputStream out) throws IOException {
    in.readNBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length());
    frame(out, SETTINGS, 0, 0, new byte[0]);
    frame(out, HEADERS, END_STREAM | END_HEADERS, 1, STATUS_200);
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = in.readNBytes(length);
      if (type == SETTINGS && (flags & ACK) == 0) {
        frame(out, SETTINGS, ACK, 0, new byte[0]);
      } else if (type == PING && (flags & ACK) == 0) {
        frame(out, PING, ACK, 0, payload);
      } else if ((type == HEADERS || type == DATA) && (flags & END_STREAM) != 0) {
        frame(out, HEADERS, END_STREAM | END_HEADERS, stream, STATUS_200);
      }
    }
  }

  private static void frame(OutputStream out, int type, int flags, int stream, byte[] payload)
      throws IOException {
    byte[] whole = new byte[9 + payload.length];
    whole[2] = (byte) payload.length;
    whole[3] = (byte) type;
    whole[4] = (byte) flags;
    for (int i = 0; i < 4; i++) {
      whole[5 + i] = (byte) (stream >> (24 - 8 * i));
    }
    System.arraycopy(payload, 0, whole, 9, payload.length);
    out.write(whole);
    out.flush();
  }

  private static String readHead(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  private static void say(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
