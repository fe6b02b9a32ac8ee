package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one block of an nginx configuration states about proxying, and the block around it: a
 * directive that is not stated here holds as it is stated there, headers only all together.
 */
final class NginxScope {
  private final @Nullable NginxScope around;
  private final Map<Directive, NginxDirective> stated = new EnumMap<>(Directive.class);
  private final List<NginxDirective> headers = new ArrayList<>();

  NginxScope(@Nullable NginxScope around) {
    this.around = around;
  }

  void state(Directive directive, NginxDirective as) {
    NginxDirective earlier = stated.putIfAbsent(directive, as);
    if (earlier != null) {
      as.complain(ProblemKind.DUPLICATE_KEY, Words.quote(as.name()), earlier.line(), as.line());
    }
  }

  void header(NginxDirective setHeader) {
    headers.add(setHeader);
  }

  @Nullable NginxDirective get(Directive directive) {
    NginxDirective own = stated.get(directive);
    return own != null || around == null ? own : around.get(directive);
  }

  List<NginxDirective> headers() {
    return headers.isEmpty() && around != null ? around.headers() : headers;
  }
}
