package org.keepaliveagent.policy;

import org.jspecify.annotations.Nullable;

/**
 * Reads IP addresses from text without ever asking a resolver (RFC 4291, 2.2; dotted decimal with
 * four parts). The zone of a link-local address is dropped.
 */
public final class IpAddress {
  private static final int GROUPS = 8;

  private IpAddress() {}

  /** Four or sixteen bytes; null for whatever is no address. */
  public static byte @Nullable [] parse(String text) {
    if (text.indexOf(':') < 0) {
      return v4(text);
    }
    int zone = text.indexOf('%');
    return v6(zone < 0 ? text : text.substring(0, zone));
  }

  private static byte @Nullable [] v4(String text) {
    byte[] address = new byte[4];
    int from = 0;
    for (int i = 0; i < 4; i++) {
      int to = i < 3 ? text.indexOf('.', from) : text.length();
      int part = to < 0 ? -1 : number(text, from, to, 10, 3);
      if (part < 0 || part > 255) {
        return null;
      }
      address[i] = (byte) part;
      from = to + 1;
    }
    return address;
  }

  private static byte @Nullable [] v6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      return whole(groups(text), null);
    }
    if (text.indexOf("::", gap + 1) >= 0) {
      return null;
    }
    return whole(groups(text.substring(0, gap)), groups(text.substring(gap + 2)));
  }

  /** The address of the groups before and, where there is a gap, those after it. */
  private static byte @Nullable [] whole(int @Nullable [] before, int @Nullable [] after) {
    int count = before == null ? 0 : before.length;
    if (before == null || (after == null ? count != GROUPS : count + after.length >= GROUPS)) {
      return null;
    }
    byte[] address = new byte[2 * GROUPS];
    put(address, 0, before);
    if (after != null) {
      put(address, GROUPS - after.length, after);
    }
    return address;
  }

  private static void put(byte[] address, int at, int[] groups) {
    for (int i = 0; i < groups.length; i++) {
      address[2 * (at + i)] = (byte) (groups[i] >> 8);
      address[2 * (at + i) + 1] = (byte) groups[i];
    }
  }

  /** Groups of sixteen bits; null where one is none. The last may be an IPv4 address. */
  private static int @Nullable [] groups(String text) {
    if (text.isEmpty()) {
      return new int[0];
    }
    String[] parts = text.split(":", GROUPS + 1);
    byte[] v4 = v4(parts[parts.length - 1]);
    int plain = v4 == null ? parts.length : parts.length - 1;
    int[] groups = new int[v4 == null ? plain : plain + 2];
    if (groups.length > GROUPS) {
      return null;
    }
    for (int i = 0; i < plain; i++) {
      groups[i] = number(parts[i], 0, parts[i].length(), 16, 4);
      if (groups[i] < 0) {
        return null;
      }
    }
    if (v4 != null) {
      groups[plain] = (v4[0] & 0xFF) << 8 | (v4[1] & 0xFF);
      groups[plain + 1] = (v4[2] & 0xFF) << 8 | (v4[3] & 0xFF);
    }
    return groups;
  }

  /** -1 for whatever is no number of so many digits. */
  private static int number(String text, int from, int to, int radix, int mostDigits) {
    if (from == to || to - from > mostDigits) {
      return -1;
    }
    int number = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) < 128 ? Character.digit(text.charAt(i), radix) : -1;
      if (digit < 0) {
        return -1;
      }
      number = number * radix + digit;
    }
    return number;
  }
}
