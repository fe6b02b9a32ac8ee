package org.keepaliveagent.config;

import java.util.Locale;

/**
 * What can be wrong with an option or a policy file: one constant for each, with the stable id that
 * people search for and the text that they read.
 *
 * <p>An id is never given to another kind, and never renumbered.
 */
public enum ProblemKind {
  UNKNOWN_OPTION("KA001", "no such option%s It has no effect."),
  OPTION_VALUE("KA002", "%s is not %s%s The default is used (%s)."),
  OPTION_SYNTAX("KA003", "%s is not key=value. It has no effect."),
  OPTION_TWICE("KA004", "given twice, as %s and as %s. The first is used."),

  NO_VALUE("KA101", "there is no value; write %s."),
  NOT_ALLOWED("KA102", "%s is not %s%s"),
  WRONG_SHAPE("KA103", "%s does not fit here; write %s."),
  NO_UNIT("KA104", "%s has no unit; write %s, 500ms or 1m."),
  NOT_A_TIME("KA105", "%s is not a time; write 0, 500ms, 60s or 1h30m."),
  TOO_LARGE("KA106", "%s is more than %s."),
  NEGATIVE("KA107", "%s is negative; write %s."),
  NO_PERCENT("KA108", "%s has no %%; write %s."),
  NO_REQUESTS(
      "KA109",
      "0 would let no request through; write 1 or more, or leave it out for no limit. A connection"
          + " for each request is keepalive: off."),
  BAD_PATTERN("KA110", "%s is not a pattern: %s."),
  HEADER_NAME("KA111", "%s is not a header name."),
  SEVERAL_WORDS("KA113", "%s is one value; write a list, %s."),
  NO_KIND(
      "KA114",
      "non_idempotent alone names no failure; write the kinds too, [error, timeout,"
          + " non_idempotent]."),
  EMPTY_LIST("KA115", "the list is empty; write %s."),
  TAG("KA116", "the YAML tag %s is not supported; write the value without it."),
  UNSUPPORTED_VALUE("KA117", "%s is not supported by this version of the agent; write %s."),
  BAD_VARIABLE("KA118", "%s holds no variable; write ${NAME} or ${NAME:-default}, or $${ for ${."),
  NO_VARIABLE("KA119", "the environment variable %s is not set; set it, or write ${%s:-default}."),

  UNKNOWN_KEY("KA120", "%s is not known here%s"),
  MISPLACED_KEY("KA121", "%s does not stand here; write it %s."),
  DUPLICATE_KEY("KA122", "%s is stated twice, in line %s and in line %s; keep one."),
  KEY_SHAPE("KA123", "%s cannot be a key; a key is one word."),
  NO_MATCH("KA125", "match is missing; write %s."),
  HEADER_FRAMES("KA126", "%s frames the message; a policy neither removes nor sets it."),

  NEVER_PARKED("KA130", "%s contradicts the %s of %s, which parks nothing; keep one of the two."),
  NEVER_RETRIED("KA131", "%s contradicts the %s of %s, which is off; keep one of the two."),
  OFF_AND_MORE("KA132", "off excludes every other kind; write off alone, or leave it out."),
  NEVER_MATCHES("KA133", "%s never matches: %s in line %s comes first."),
  NEVER_COUNTED("KA134", "%s contradicts the %s of %s, which counts nothing; keep one of the two."),
  DISAGREEMENT(
      "KA135",
      "%s here, and %s for the same upstream at %s; let both locations agree, or give them an"
          + " upstream each."),

  NOT_YAML("KA140", "not readable as YAML: %s."),
  SEVERAL_DOCUMENTS("KA141", "a second YAML document starts here; a policy file holds one."),
  TOO_DEEP("KA142", "nested deeper than %s levels; a policy needs four."),
  TOO_MANY_ALIASES("KA143", "more than %s aliases; write the values out."),
  CONTROL_CHARACTER("KA144", "the character %s is not allowed here; remove it."),
  NOT_UTF8("KA145", "the byte %s is not UTF-8; save the file as UTF-8."),

  NO_FILE("KA150", "there is no such file%s."),
  NOT_A_FILE("KA151", "this is %s; name a file."),
  UNREADABLE("KA152", "the file cannot be read (%s)."),
  FILE_TOO_LARGE("KA153", "the file is larger than %s bytes."),
  EMPTIED("KA155", "the file is empty now; it may not be written yet."),

  NOT_NGINX("KA160", "%s."),
  INCLUDE_DEEP("KA161", "more than %s files include one another; does one include itself?"),
  INCLUDE_MISSING("KA162", "cannot include %s: %s."),
  INCLUDE_MANY("KA163", "more than %s files or %s bytes are included."),
  UPSTREAM_TWICE("KA164", "the upstream %s is stated twice, in line %s and in line %s."),
  NO_SERVER("KA165", "the upstream %s has no server; write server HOST:PORT;."),
  ARGUMENTS("KA166", "%s has a wrong number of arguments; write %s."),
  BAD_PROXY_PASS("KA167", "%s is no URL to pass to; write http://HOST[:PORT] or https://HOST."),

  NOT_ENFORCED("KA201", "%s is read, and this version of the agent does not act on it yet."),
  NOTHING_KEPT(
      "KA202",
      "nginx keeps no idle connection here, since %s names no upstream block; so does the policy."
          + " To keep them, write an upstream block with keepalive."),
  NOT_RESOLVED("KA203", "%s is known to nginx only when a request comes; it gets no policy."),
  OLD_PROTOCOL(
      "KA204",
      "nginx %s speaks HTTP/1.0 to upstreams, so that keepalive has no effect; write"
          + " proxy_http_version 1.1; and proxy_set_header Connection \"\";."),
  SKIPPED("KA205", "no business of this agent, skipped: %s."),
  NOT_NAMED("KA206", "no proxy_pass names the upstream %s; it has nginx's defaults for the rest."),
  WITHOUT_EFFECT("KA207", "%s has no effect: %s."),

  MORE("KA190", "there are %s more problems."),
  DEFECT("KA199", "the reader failed (%s); this is a defect of the agent, please report it.");

  private static final int FIRST_WARNING = 200;

  private final String id;
  private final String template;

  ProblemKind(String id, String template) {
    this.id = id;
    this.template = template;
  }

  /** The id that every message starts with, such as {@code KA104}. */
  public String id() {
    return id;
  }

  /** Those from KA200 on are warnings. */
  boolean isError() {
    return Integer.parseInt(id.substring(2)) < FIRST_WARNING;
  }

  String text(Object... details) {
    return String.format(Locale.ROOT, template, details);
  }
}
