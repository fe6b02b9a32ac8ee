package org.keepaliveagent.proxycore;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The lines of a log, which come some time after their requests. */
record LogLines(Path file) {
  /** All of them, when there are so many. */
  List<String> await(int count) throws Exception {
    TestProxy.await(count + " lines in " + file, () -> all().size() >= count);
    return all();
  }

  List<String> all() throws Exception {
    return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.ISO_8859_1) : List.of();
  }
}
