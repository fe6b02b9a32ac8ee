package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.HealthCheck;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.SocketKeepalive;

/** The values of a policy as YAML writes them; {@value #NO_LIMIT} is what no word stands for. */
final class Shown {
  static final String NO_LIMIT = "no limit";
  static final String UNSTATED = "the application's own";

  private static final long[] NANOS = {
    86_400_000_000_000L, 3_600_000_000_000L, 60_000_000_000L, 1_000_000_000L, 1_000_000L
  };
  private static final String[] UNITS = {"d", "h", "m", "s", "ms"};

  private Shown() {}

  static String count(long count) {
    return count == Policy.UNLIMITED ? NO_LIMIT : Long.toString(count);
  }

  /** {@code 1h30m}. */
  static String time(long nanos) {
    if (nanos == Policy.UNLIMITED) {
      return NO_LIMIT;
    }
    StringBuilder text = new StringBuilder();
    long left = nanos;
    for (int i = 0; i < UNITS.length; i++) {
      if (left >= NANOS[i]) {
        text.append(left / NANOS[i]).append(UNITS[i]);
        left %= NANOS[i];
      }
    }
    return text.length() == 0 ? "0" : text.toString();
  }

  /** A time of the application's own where the policy states none. */
  static String timeout(long nanos) {
    return nanos == Policy.UNLIMITED ? UNSTATED : time(nanos);
  }

  static String onOff(boolean on) {
    return on ? "on" : "off";
  }

  static String answer(Policy.Answer answer) {
    return answer == Policy.Answer.UNSTATED ? UNSTATED : onOff(answer == Policy.Answer.ON);
  }

  static String budget(int percent) {
    return percent == Policy.UNLIMITED_PERCENT ? "off" : percent + "%";
  }

  static String socketKeepalive(SocketKeepalive probes) {
    if (probes == SocketKeepalive.UNSTATED) {
      return UNSTATED;
    }
    List<String> parts = new ArrayList<>();
    if (probes.idleNanos() > 0) {
      parts.add("idle: " + time(probes.idleNanos()));
    }
    if (probes.intervalNanos() > 0) {
      parts.add("interval: " + time(probes.intervalNanos()));
    }
    if (probes.count() > 0) {
      parts.add("count: " + probes.count());
    }
    return parts.isEmpty() ? onOff(probes.isOn()) : "{" + String.join(", ", parts) + "}";
  }

  static String healthCheck(HealthCheck check) {
    return !check.isStated()
        ? "off"
        : "{uri: "
            + quoted(check.uri())
            + ", interval: "
            + time(check.intervalNanos())
            + ", fails: "
            + check.fails()
            + ", passes: "
            + check.passes()
            + "}";
  }

  static String headers(Map<String, String> headers) {
    List<String> parts = new ArrayList<>();
    for (Map.Entry<String, String> header : headers.entrySet()) {
      parts.add(quoted(header.getKey()) + ": " + quoted(header.getValue()));
    }
    return "{" + String.join(", ", parts) + "}";
  }

  static String kinds(Policy p) {
    if (!p.managesRetries()) {
      return UNSTATED + ", without unsafe ones";
    }
    List<String> words = new ArrayList<>();
    for (FailureKind kind : p.nextUpstream()) {
      words.add(kind.word());
    }
    if (p.nonIdempotent()) {
      words.add(Setters.NON_IDEMPOTENT);
    }
    return words.isEmpty() ? "off" : "[" + String.join(", ", words) + "]";
  }

  /** Plain where YAML and nginx read it back as it is, else in double quotes. */
  static String quoted(String word) {
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || (i > 0 && "-._/".indexOf(c) >= 0);
      if (!plain) {
        return escaped(word);
      }
    }
    return word.isEmpty() ? "\"\"" : word;
  }

  /** In double quotes, as JSON has it, which is YAML too. */
  static String escaped(String word) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' '
          || c == 0x7F
          || Character.isSurrogate(c)
          || c == '\u2028'
          || c == '\u2029') {
        text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    return text.append('"').toString();
  }
}
