package org.keepaliveagent.config;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.Schema;

/**
 * YAML 1.2 text to a tree of nodes; no object is constructed from it, and every plain scalar is the
 * word that is written ({@code on}, {@code 1.10} and {@code ~} stay what they are).
 */
final class Yaml {
  /** SnakeYAML composes recursively; a policy is four levels deep. */
  static final int MAX_DEPTH = 32;

  /** SnakeYAML's own default; it counts those of lists and maps only. */
  static final int MAX_ALIASES = 50;

  private Yaml() {}

  /** The root; null when there is none, because the text is empty or because it was refused. */
  static @Nullable Value root(Document document) {
    LoadSettings settings =
        LoadSettings.builder()
            .setSchema(new Plain())
            .setMaxAliasesForCollections(MAX_ALIASES)
            .build();
    BoundedParser parser =
        new BoundedParser(new ParserImpl(settings, new StreamReader(settings, document.text())));
    try {
      Optional<Node> node = new Composer(settings, parser).getSingleNode();
      return node.isPresent() ? YamlValue.root(node.get(), document) : null;
    } catch (Excess e) {
      report(document, parser.place, e.kind, e.limit);
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark();
      report(
          document,
          mark.isPresent() ? mark : e.getContextMark(),
          ProblemKind.NOT_YAML,
          sentence(e));
    } catch (YamlEngineException | IllegalArgumentException e) {
      // The second: an escape such as "\\UFFFFFFFF" that is no character.
      report(
          document,
          parser.place,
          ProblemKind.NOT_YAML,
          Words.shown(String.valueOf(e.getMessage())));
    }
    return null;
  }

  private static void report(
      Document document, Optional<Mark> mark, ProblemKind kind, Object detail) {
    int line = mark.isPresent() ? mark.get().getLine() + 1 : 1;
    int column = mark.isPresent() ? mark.get().getColumn() + 1 : 1;
    document.report(line, column, "", kind, kind.text(detail));
  }

  private static String sentence(MarkedYamlEngineException e) {
    StringBuilder text = new StringBuilder();
    if (e.getContext() != null) {
      text.append(e.getContext()).append(": ");
    }
    text.append(e.getProblem());
    while (text.length() > 0 && text.charAt(text.length() - 1) == '.') {
      text.setLength(text.length() - 1);
    }
    return text.toString();
  }

  /** More than a policy needs. */
  private static final class Excess extends YamlEngineException {
    private static final long serialVersionUID = 1;

    private final ProblemKind kind;
    private final int limit;

    Excess(ProblemKind kind, int limit) {
      super(kind.id());
      this.kind = kind;
      this.limit = limit;
    }
  }

  /** Stops at what would exhaust the composer, and remembers where it is. */
  private static final class BoundedParser implements Parser {
    private final Parser parser;
    private int depth;
    private int aliases;
    private int documents;
    private Optional<Mark> place = Optional.empty();

    BoundedParser(Parser parser) {
      this.parser = parser;
    }

    @Override
    public boolean checkEvent(Event.ID choice) {
      return parser.checkEvent(choice);
    }

    @Override
    public Event peekEvent() {
      return parser.peekEvent();
    }

    @Override
    public boolean hasNext() {
      return parser.hasNext();
    }

    @Override
    public Event next() {
      Event event = parser.next();
      place = event.getStartMark();
      Event.ID id = event.getEventId();
      if (id == Event.ID.MappingStart || id == Event.ID.SequenceStart) {
        limit(++depth, MAX_DEPTH, ProblemKind.TOO_DEEP);
      } else if (id == Event.ID.MappingEnd || id == Event.ID.SequenceEnd) {
        depth--;
      } else if (id == Event.ID.Alias) {
        limit(++aliases, MAX_ALIASES, ProblemKind.TOO_MANY_ALIASES);
      } else if (id == Event.ID.DocumentStart) {
        limit(++documents, 1, ProblemKind.SEVERAL_DOCUMENTS);
      }
      return event;
    }

    private static void limit(int count, int limit, ProblemKind kind) {
      if (count > limit) {
        throw new Excess(kind, limit);
      }
    }
  }

  /** Knows strings only. */
  private static final class Plain implements Schema {
    @Override
    public ScalarResolver getScalarResolver() {
      return (value, implicit) -> Tag.STR;
    }

    @Override
    public Map<Tag, ConstructNode> getSchemaTagConstructors() {
      return Collections.emptyMap();
    }
  }
}
