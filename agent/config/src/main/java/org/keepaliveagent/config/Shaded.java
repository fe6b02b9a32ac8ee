package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where relocated copies of libraries are: what stands before the names of their classes. */
public final class Shaded {
  /** Each was seen in a published jar, named behind it; ends with its last dot. */
  public static final List<String> KNOWN =
      Collections.unmodifiableList(
          Arrays.asList(
              "com.amazonaws.thirdparty.", // com.amazonaws:aws-java-sdk-bundle:1.11.271
              "com.clickhouse.client.internal.", // com.clickhouse:clickhouse-jdbc:0.7.2:all
              "io.trino.jdbc.$internal.", // io.trino:trino-jdbc:470
              "net.snowflake.client.jdbc.internal.", // net.snowflake:snowflake-jdbc:3.19.0
              "org.apache.hadoop.shaded.", // org.apache.hadoop:hadoop-client-runtime:3.4.1
              "software.amazon.awssdk.thirdparty.", // software.amazon.awssdk:bundle:2.7.33
              "wiremock.")); // org.wiremock:wiremock-standalone:3.13.2

  private Shaded() {}

  /** Reads the option; null for what is not allowed. */
  static @Nullable List<String> prefixes(String value) {
    List<String> prefixes = new ArrayList<>();
    if (value.equals("off")) {
      return prefixes;
    }
    for (String word : value.split(":", -1)) {
      if (word.equals("auto")) {
        prefixes.addAll(KNOWN);
      } else if (isPackage(word)) {
        prefixes.add(word.endsWith(".") ? word : word + ".");
      } else {
        return null;
      }
    }
    return prefixes;
  }

  private static boolean isPackage(String word) {
    boolean starts = true;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == '.' ? starts : !isPartOfName(c, starts)) {
        return false;
      }
      starts = c == '.';
    }
    return !word.isEmpty() && !word.equals("off");
  }

  private static boolean isPartOfName(char c, boolean first) {
    return first ? Character.isJavaIdentifierStart(c) : Character.isJavaIdentifierPart(c);
  }

  /** The prefixes that are known, for people. */
  static String list() {
    StringBuilder list = new StringBuilder();
    for (String prefix : KNOWN) {
      list.append(list.length() == 0 ? "" : ", ").append(prefix, 0, prefix.length() - 1);
    }
    return list.toString();
  }
}
