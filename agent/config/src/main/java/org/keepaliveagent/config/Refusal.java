package org.keepaliveagent.config;

/**
 * Why a value is not taken: the phrase. Whoever holds the value adds file, line and column, as the
 * configuration reader of nginx does for its setters.
 */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1;

  private final ProblemKind kind;
  private final String phrase;

  Refusal(ProblemKind kind, Object... details) {
    super(null, null, false, false);
    this.kind = kind;
    this.phrase = kind.text(details);
  }

  ProblemKind kind() {
    return kind;
  }

  String phrase() {
    return phrase;
  }

  @Override
  public String getMessage() {
    return phrase;
  }
}
