package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code it-tests/pitfalls [KF01 ...]}: provokes pitfalls and shows what the agent says of each.
 */
final class Pitfalls {
  private Pitfalls() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<Pitfall> chosen = new ArrayList<>();
    for (String argument : arguments) {
      try {
        chosen.add(Pitfall.valueOf(argument.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        System.err.println(
            "usage: it-tests/pitfalls [KF01 ... KF10]; \"" + argument + "\" is none");
        System.exit(2);
      }
    }
    Path folder = Files.createTempDirectory("pitfalls");
    try {
      for (Pitfall pitfall : chosen.isEmpty() ? List.of(Pitfall.values()) : chosen) {
        String policy = pitfall.policy().strip();
        System.out.println("policy   " + (policy.isEmpty() ? "the built-in one" : policy));
        System.out.println("finding  " + provoke(pitfall, folder));
        System.out.println();
      }
    } finally {
      for (String file : List.of("policy.yaml", "keys.p12")) {
        Files.deleteIfExists(folder.resolve(file));
      }
      Files.delete(folder);
    }
  }

  /**
   * Provokes a pitfall in a JVM of its own.
   *
   * @param folder for its files
   * @return what the agent found, as its log has it
   */
  static String provoke(Pitfall pitfall, Path folder) throws IOException, InterruptedException {
    Path policy = Files.writeString(folder.resolve("policy.yaml"), pitfall.policy());
    List<String> command =
        new ArrayList<>(
            List.of(
                ForkedProxy.agent("jmx=on,policy=" + policy),
                "-cp",
                Path.of("target/classes").toAbsolutePath().toString(),
                Pitfall.class.getName(),
                pitfall.name()));
    if (pitfall.secure()) {
      command.add(keyStore(folder).toString());
    }
    try (ForkedJvm jvm = ForkedJvm.start(command, Map.of())) {
      String found = jvm.awaitOut(line -> line.startsWith(pitfall.name()));
      return found;
    }
  }

  private static Path keyStore(Path folder) throws IOException, InterruptedException {
    Path store = folder.resolve("keys.p12");
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    Process made =
        new ProcessBuilder(
                keytool.toString(),
                "-genkeypair",
                "-alias",
                "pitfall",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(made.getInputStream().readAllBytes(), UTF_8);
    if (!made.waitFor(30, TimeUnit.SECONDS) || made.exitValue() != 0) {
      throw new IOException("keytool failed: " + said);
    }
    return store;
  }
}
