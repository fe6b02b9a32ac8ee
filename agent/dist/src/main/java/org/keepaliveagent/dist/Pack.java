package org.keepaliveagent.dist;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.keepaliveagent.config.Shaded;
import org.keepaliveagent.premain.KeepaliveAgent;

/**
 * Makes the agent's jar out of the merged jar of all its parts.
 *
 * <pre>
 *   META-INF/MANIFEST.MF, META-INF/LICENSE
 *   org/keepaliveagent/premain/KeepaliveAgent.class     the door, the only class that others see
 *   org/keepaliveagent/extension/…, META-INF/services/  but for the OpenTelemetry agent
 *   keepalive/targets                                   the class names that it waits for
 *   keepalive/shaded                                    what stands before them in known copies
 *   keepalive/index, keepalive/data                     all other classes
 *   keepalive/…                                         their other files
 * </pre>
 *
 * <p>The classes share one stored entry because a JVM reads the whole directory of a jar on its
 * class path at start: with ten thousand entries that alone costs a fifth of a small program's
 * start. The data are raw deflate streams, and {@link KeepaliveAgent#key} says what the index is.
 */
public final class Pack {
  private static final String DOOR = "org/keepaliveagent/premain/KeepaliveAgent.class";
  private static final String EXTENSION = "org/keepaliveagent/extension/";
  private static final String SERVICE =
      "META-INF/services/io.opentelemetry.javaagent.extension.AgentListener";
  private static final String FOLDER = "keepalive/";

  private final ZipOutputStream out;
  private final long time;

  private Pack(ZipOutputStream out, long time) {
    this.out = out;
    this.time = time;
  }

  /** Takes the merged jar, the jar to write, the licence, the version and the entries' time. */
  public static void main(String[] arguments) throws IOException {
    Path license = Path.of(arguments[2]);
    String version = arguments[3];
    long time = Instant.parse(arguments[4]).toEpochMilli();
    try (ZipFile merged = new ZipFile(arguments[0]);
        OutputStream file = Files.newOutputStream(Path.of(arguments[1]));
        ZipOutputStream out = new ZipOutputStream(file, UTF_8)) {
      Pack pack = new Pack(out, time);
      pack.put("META-INF/MANIFEST.MF", manifest(version));
      pack.put("META-INF/LICENSE", Files.readAllBytes(license));
      pack.put(SERVICE, "org.keepaliveagent.extension.KeepaliveExtension\n".getBytes(UTF_8));
      pack.putParts(merged);
    }
  }

  private static byte[] manifest(String version) {
    return ("Manifest-Version: 1.0\n"
            + "Implementation-Title: Keepalive Agent\n"
            + ("Implementation-Version: " + version + "\n")
            + "Main-Class: org.keepaliveagent.premain.KeepaliveAgent\n"
            + "Premain-Class: org.keepaliveagent.premain.KeepaliveAgent\n"
            + "Agent-Class: org.keepaliveagent.premain.KeepaliveAgent\n"
            + "Can-Retransform-Classes: true\n\n")
        .getBytes(UTF_8);
  }

  private void putParts(ZipFile merged) throws IOException {
    SortedMap<String, ZipEntry> entries = new TreeMap<>();
    merged.stream().filter(e -> !e.isDirectory()).forEach(e -> entries.put(e.getName(), e));
    SortedMap<Long, byte[]> index = new TreeMap<>();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (ZipEntry entry : entries.values()) {
      String name = entry.getName();
      byte[] bytes = read(merged, entry);
      if (name.equals(DOOR) || name.startsWith(EXTENSION)) {
        put(name, bytes);
      }
      if (name.endsWith(".class") && !name.equals(DOOR)) {
        byte[] deflated = deflate(bytes);
        long key = KeepaliveAgent.key(name.substring(0, name.length() - ".class".length()));
        byte[] record = new byte[KeepaliveAgent.RECORD_BYTES];
        ByteBuffer fields = ByteBuffer.wrap(record).putLong(key);
        fields.putInt(data.size()).putInt(deflated.length).putInt(bytes.length);
        if (index.put(key, record) != null) {
          throw new IllegalStateException("two classes have the key of " + name);
        }
        data.writeBytes(deflated);
      } else if (!name.equals(DOOR) && !name.equals("META-INF/MANIFEST.MF")) {
        put(FOLDER + name, bytes);
      }
    }
    put(FOLDER + "targets", String.join("\n", Targets.internalNames()).getBytes(UTF_8));
    put(FOLDER + "shaded", String.join("\n", Shaded.KNOWN).getBytes(UTF_8));
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    index.values().forEach(records::writeBytes);
    store(FOLDER + "index", records.toByteArray());
    store(FOLDER + "data", data.toByteArray());
  }

  private static byte[] read(ZipFile zip, ZipEntry entry) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }

  private static byte[] deflate(byte[] bytes) throws IOException {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(deflated, deflater)) {
      out.write(bytes);
    } finally {
      deflater.end();
    }
    return deflated.toByteArray();
  }

  private void put(String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(time);
    out.putNextEntry(entry);
    out.write(bytes);
    out.closeEntry();
  }

  private void store(String name, byte[] bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(time);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(crc.getValue());
    out.putNextEntry(entry);
    out.write(bytes);
    out.closeEntry();
  }
}
