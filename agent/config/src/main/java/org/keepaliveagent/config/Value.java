package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A value of a policy file with its place: a word, a list or a map. Complaints about it go here.
 */
final class Value {
  private final Node node;
  private final @Nullable Node key;
  private final String path;
  private final SourceText source;
  private final Problems problems;

  private Value(Node node, @Nullable Node key, String path, SourceText source, Problems problems) {
    this.node = node;
    this.key = key;
    this.path = path;
    this.source = source;
    this.problems = problems;
  }

  static Value root(Node node, SourceText source, Problems problems) {
    return new Value(node, null, "", source, problems);
  }

  /** Whether nothing at all stands here, as after {@code upstreams:}. */
  boolean absent() {
    return node instanceof ScalarNode
        && ((ScalarNode) node).isPlain()
        && ((ScalarNode) node).getValue().isEmpty()
        && node.getTag().equals(Tag.STR);
  }

  /** The word that stands here; quotes make no difference. */
  String word(String allowed) throws Refusal {
    refuseTag();
    if (absent()) {
      throw new Refusal(ProblemKind.NO_VALUE, allowed);
    }
    if (!(node instanceof ScalarNode)) {
      throw wrongShape(allowed);
    }
    return ((ScalarNode) node).getValue();
  }

  /** The items of a list; a single value is a list of one. */
  List<Value> items(String allowed) throws Refusal {
    if (!(node instanceof SequenceNode)) {
      return Collections.singletonList(this);
    }
    List<Value> items = list(allowed);
    if (items.isEmpty()) {
      throw new Refusal(ProblemKind.EMPTY_LIST, allowed);
    }
    return items;
  }

  /** The items of what must be a list. */
  List<Value> list(String allowed) throws Refusal {
    refuseTag();
    if (!(node instanceof SequenceNode)) {
      throw wrongShape(allowed);
    }
    List<Value> items = new ArrayList<>();
    for (Node item : ((SequenceNode) node).getValue()) {
      items.add(new Value(item, null, path + "[" + items.size() + "]", source, problems));
    }
    return items;
  }

  /**
   * The entries of what must be a map. A key that is not a word, or is stated twice, is reported
   * and left out.
   */
  Map<String, Value> entries(String allowed) throws Refusal {
    refuseTag();
    if (!(node instanceof MappingNode)) {
      throw wrongShape(allowed);
    }
    Map<String, Value> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : ((MappingNode) node).getValue()) {
      Node keyNode = tuple.getKeyNode();
      if (!(keyNode instanceof ScalarNode) || !keyNode.getTag().equals(Tag.STR)) {
        String shape = keyNode instanceof ScalarNode ? "a tagged value" : shape(keyNode);
        new Value(keyNode, null, path, source, problems).complain(ProblemKind.KEY_SHAPE, shape);
        continue;
      }
      String word = ((ScalarNode) keyNode).getValue();
      String below = (path.isEmpty() ? "" : path + ".") + Words.shown(word);
      Value entry = new Value(tuple.getValueNode(), keyNode, below, source, problems);
      Value earlier = entries.putIfAbsent(word, entry);
      if (earlier != null) {
        entry.complainOfKey(
            ProblemKind.DUPLICATE_KEY, Words.quote(word), earlier.keyLine(), entry.keyLine());
      }
    }
    return entries;
  }

  private Refusal wrongShape(String allowed) {
    return absent()
        ? new Refusal(ProblemKind.NO_VALUE, allowed)
        : new Refusal(ProblemKind.WRONG_SHAPE, shape(node), allowed);
  }

  private static String shape(Node node) {
    if (node instanceof ScalarNode) {
      return Words.quote(((ScalarNode) node).getValue());
    }
    return node instanceof SequenceNode ? "a list" : "a map";
  }

  /** An explicit tag asks for a conversion that does not happen here, so it is not ignored. */
  private void refuseTag() throws Refusal {
    Tag tag = node.getTag();
    if (!tag.equals(Tag.STR) && !tag.equals(Tag.SEQ) && !tag.equals(Tag.MAP)) {
      throw new Refusal(ProblemKind.TAG, Words.shown(tag.getValue()));
    }
  }

  /** Line of the value, from 1. */
  int line() {
    return line(node);
  }

  private int keyLine() {
    return line(key == null ? node : key);
  }

  private static int line(Node node) {
    Optional<Mark> mark = node.getStartMark();
    return mark.isPresent() ? mark.get().getLine() + 1 : 1;
  }

  /** Reports a refusal at this value. */
  void complain(Refusal refusal) {
    report(node, refusal.kind(), refusal.phrase());
  }

  void complain(ProblemKind kind, Object... details) {
    report(node, kind, kind.text(details));
  }

  /** Reports at the key before this value. */
  void complainOfKey(ProblemKind kind, Object... details) {
    report(key == null ? node : key, kind, kind.text(details));
  }

  private void report(Node at, ProblemKind kind, String message) {
    Optional<Mark> mark = at.getStartMark();
    int column = mark.isPresent() ? mark.get().getColumn() + 1 : 1;
    problems.add(source, line(at), column, path, kind, message);
  }
}
