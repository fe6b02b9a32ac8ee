package org.keepaliveagent.ittests.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The JDKs to run on, one for each major version. */
final class JavaHomes {
  /** Which homes are looked at where none is named; their folders are searched. */
  static final String VARIABLE = "KEEPALIVE_JDKS";

  private static final Pattern VERSION = Pattern.compile("version \"(?:1\\.)?(\\d+)");

  private JavaHomes() {}

  /**
   * By major version.
   *
   * @param named on the command line; else the variable's, else those of the machine
   */
  static Map<Integer, Path> find(List<String> named) throws IOException, InterruptedException {
    Map<Integer, Path> found = new TreeMap<>();
    for (Path home : candidates(named)) {
      int major = major(home);
      if (major > 0) {
        found.putIfAbsent(major, home);
      }
    }
    return found;
  }

  private static Set<Path> candidates(List<String> named) throws IOException {
    Set<Path> homes = new LinkedHashSet<>();
    String listed = System.getenv(VARIABLE);
    if (!named.isEmpty()) {
      named.forEach(home -> homes.add(Path.of(home)));
    } else if (listed != null && !listed.isEmpty()) {
      List.of(listed.split(File.pathSeparator, -1)).forEach(home -> homes.add(Path.of(home)));
    } else {
      homes.add(Path.of(System.getProperty("java.home")));
      Path user = Path.of(System.getProperty("user.home"));
      for (Path folder :
          List.of(
              Path.of("/usr/lib/jvm"),
              user.resolve(".jdks"),
              user.resolve(".sdkman/candidates/java"))) {
        homes.addAll(within(folder));
      }
    }
    return homes;
  }

  private static List<Path> within(Path folder) throws IOException {
    List<Path> homes = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
        all.forEach(homes::add);
      }
    }
    homes.sort(null);
    return homes;
  }

  static Path java(Path home) {
    return home.resolve("bin").resolve("java");
  }

  /** What it says of itself; 0 where it cannot be run. */
  private static int major(Path home) throws IOException, InterruptedException {
    if (!Files.isExecutable(java(home))) {
      return 0;
    }
    Process process =
        new ProcessBuilder(java(home).toString(), "-version").redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    Matcher version = VERSION.matcher(said);
    return process.waitFor() == 0 && version.find() ? Integer.parseInt(version.group(1)) : 0;
  }
}
