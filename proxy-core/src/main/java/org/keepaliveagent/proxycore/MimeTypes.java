package org.keepaliveagent.proxycore;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The types of bodies by the extension of the path that is asked for. */
record MimeTypes(Map<String, String> byExtension, String otherwise) {
  private static final Map<String, String> BUILT_IN =
      Map.of("html", "text/html", "gif", "image/gif", "jpg", "image/jpeg");

  static MimeTypes read(Scope scope) {
    List<Directive> blocks = scope.all("types");
    Map<String, String> types = new HashMap<>();
    for (Directive block : blocks) {
      for (Directive type : block.children()) {
        type.args().forEach(ending -> types.put(ending.toLowerCase(Locale.ROOT), type.name()));
      }
    }
    return new MimeTypes(
        blocks.isEmpty() ? BUILT_IN : Map.copyOf(types),
        scope.find("default_type").map(type -> type.arg(0)).orElse("text/plain"));
  }

  String of(String path) {
    int dot = path.lastIndexOf('.');
    if (dot < 0 || path.indexOf('/', dot) >= 0) {
      return otherwise;
    }
    return byExtension.getOrDefault(path.substring(dot + 1).toLowerCase(Locale.ROOT), otherwise);
  }
}
