package org.keepaliveagent.config;

import java.util.ArrayList;
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

/** A value of a YAML file. */
final class YamlValue extends Value {
  private final Node node;
  private final @Nullable Node key;

  private YamlValue(Node node, @Nullable Node key, String path, Document document) {
    super(document, path);
    this.node = node;
    this.key = key;
  }

  static Value root(Node node, Document document) {
    return new YamlValue(node, null, "", document);
  }

  @Override
  boolean absent() {
    return node instanceof ScalarNode
        && ((ScalarNode) node).isPlain()
        && ((ScalarNode) node).getValue().isEmpty()
        && node.getTag().equals(Tag.STR);
  }

  @Override
  @Nullable String scalar() {
    return node instanceof ScalarNode ? ((ScalarNode) node).getValue() : null;
  }

  @Override
  @Nullable List<Value> sequence() {
    if (!(node instanceof SequenceNode)) {
      return null;
    }
    List<Value> items = new ArrayList<>();
    for (Node item : ((SequenceNode) node).getValue()) {
      items.add(new YamlValue(item, null, path + "[" + items.size() + "]", document));
    }
    return items;
  }

  @Override
  @Nullable Map<String, Value> mapping() {
    if (!(node instanceof MappingNode)) {
      return null;
    }
    Map<String, Value> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : ((MappingNode) node).getValue()) {
      Node keyNode = tuple.getKeyNode();
      if (!(keyNode instanceof ScalarNode) || !keyNode.getTag().equals(Tag.STR)) {
        YamlValue strange = new YamlValue(keyNode, null, path, document);
        strange.complain(
            ProblemKind.KEY_SHAPE,
            keyNode instanceof ScalarNode ? "a tagged value" : strange.shape());
        continue;
      }
      String word = ((ScalarNode) keyNode).getValue();
      String below = (path.isEmpty() ? "" : path + ".") + Words.shown(word);
      Value entry = new YamlValue(tuple.getValueNode(), keyNode, below, document);
      Value earlier = entries.putIfAbsent(word, entry);
      if (earlier != null) {
        entry.complainOfKey(
            ProblemKind.DUPLICATE_KEY, Words.quote(word), earlier.keyLine(), entry.keyLine());
      }
    }
    return entries;
  }

  /** An explicit tag asks for a conversion that does not happen here, so it is not ignored. */
  @Override
  void check() throws Refusal {
    Tag tag = node.getTag();
    if (!tag.equals(Tag.STR) && !tag.equals(Tag.SEQ) && !tag.equals(Tag.MAP)) {
      throw new Refusal(ProblemKind.TAG, Words.shown(tag.getValue()));
    }
  }

  @Override
  String expanded(String word) throws Refusal {
    return Variables.expand(word, document, false);
  }

  @Override
  int line() {
    return line(node);
  }

  @Override
  int column() {
    return column(node);
  }

  @Override
  int keyLine() {
    return line(key == null ? node : key);
  }

  @Override
  int keyColumn() {
    return column(key == null ? node : key);
  }

  private static int line(Node node) {
    Optional<Mark> mark = node.getStartMark();
    return mark.isPresent() ? mark.get().getLine() + 1 : 1;
  }

  private static int column(Node node) {
    Optional<Mark> mark = node.getStartMark();
    return mark.isPresent() ? mark.get().getColumn() + 1 : 1;
  }
}
