package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import net.bytebuddy.jar.asm.ClassReader;
import org.junit.jupiter.api.Test;

/** The one jar: what others see of it, and that all of it runs on Java 8. */
class JarShapeTest {
  private static final int JAVA_8 = 52;

  /** Where a class file has its version. */
  private static final int VERSION = 6;

  private static final long NINE_MEGABYTES = 9_000_000;

  /** Whose classes may be in the jar. */
  private static final List<String> EXPECTED =
      List.of(
          "java/lang/Keepalive",
          "org/keepaliveagent/",
          "net/bytebuddy/",
          "io/opentelemetry/",
          "okhttp3/",
          "okio/",
          "kotlin/",
          "org/jctools/",
          "org/snakeyaml/engine/");

  @Test
  void othersSeeOnlyTheDoorAndTheExtension() throws IOException {
    try (ZipFile jar = new ZipFile(Artifacts.AGENT.toFile())) {
      List<String> classes =
          jar.stream().map(ZipEntry::getName).filter(name -> name.endsWith(".class")).toList();
      assertEquals(
          List.of(
              "org/keepaliveagent/extension/KeepaliveExtension.class",
              "org/keepaliveagent/extension/SpanWriter.class",
              "org/keepaliveagent/premain/KeepaliveAgent.class"),
          classes);
      List<String> outside =
          jar.stream()
              .map(ZipEntry::getName)
              .filter(name -> !name.startsWith("keepalive/") && !name.endsWith(".class"))
              .toList();
      assertEquals(
          List.of(
              "META-INF/MANIFEST.MF",
              "META-INF/LICENSE",
              "META-INF/services/io.opentelemetry.javaagent.extension.AgentListener"),
          outside);
    }
  }

  @Test
  void everyClassIsJava8AndExpected() throws IOException, DataFormatException {
    try (ZipFile jar = new ZipFile(Artifacts.AGENT.toFile())) {
      List<String> tooNew = new ArrayList<>();
      Set<String> strangers = new TreeSet<>();
      byte[] data = read(jar, "keepalive/data");
      ByteBuffer index = ByteBuffer.wrap(read(jar, "keepalive/index"));
      assertTrue(index.remaining() > 20_000, "the index has " + index.remaining() + " bytes");
      while (index.hasRemaining()) {
        index.getLong();
        int offset = index.getInt();
        byte[] deflated = Arrays.copyOfRange(data, offset, offset + index.getInt());
        byte[] bytes = inflate(deflated, index.getInt());
        ClassReader reader = new ClassReader(bytes);
        String name = reader.getClassName();
        int version = reader.readUnsignedShort(VERSION);
        if (version > JAVA_8) {
          tooNew.add(name + " is class-file version " + version);
        }
        if (EXPECTED.stream().noneMatch(name::startsWith)) {
          strangers.add(name);
        }
      }
      byte[] door = read(jar, "org/keepaliveagent/premain/KeepaliveAgent.class");
      assertEquals(JAVA_8, door[7]);
      assertEquals(List.of(), tooNew);
      assertEquals(Set.of(), strangers);
    }
  }

  @Test
  void theJarStaysSmall() throws IOException {
    long size = Files.size(Artifacts.AGENT);
    assertTrue(size <= NINE_MEGABYTES, "the jar has " + size + " bytes");
  }

  private static byte[] inflate(byte[] deflated, int length) throws DataFormatException {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(Arrays.copyOf(deflated, deflated.length + 1));
      byte[] bytes = new byte[length];
      assertEquals(length, inflater.inflate(bytes));
      return bytes;
    } finally {
      inflater.end();
    }
  }

  private static byte[] read(ZipFile jar, String name) throws IOException {
    try (InputStream in = jar.getInputStream(jar.getEntry(name))) {
      return in.readAllBytes();
    }
  }
}
