package dev.platter.cli;

import dev.platter.image.Sizes;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// Chains as text, as JSON and as a graph.
final class ChainReport {
  private ChainReport() {}

  /// A tree for each chain: an image, below it its parent.
  static String text(List<List<Ancestor>> chains) {
    StringBuilder text = new StringBuilder(1000);
    for (List<Ancestor> chain : chains) {
      for (int depth = 0; depth < chain.size(); depth++) {
        Ancestor image = chain.get(depth);
        branch(text, depth).append(Printable.escape(image.name())).append(": ");
        facts(image, text);
        image
            .problem()
            .ifPresent(fault ->
                indent(text, chain.indexOf(image) + 1)
                    .append("! ")
                    .append(Printable.escape(Failure.of(fault.cause()).sentence()))
                    .append('\n'));
        if (image.isParentMissing()) {
          branch(text, depth + 1).append(Printable.escape(image.parentName()));
          text.append(": missing\n");
        }
      }
    }
    return text.toString();
  }

  private static StringBuilder branch(StringBuilder text, int depth) {
    return depth == 0 ? text : indent(text, depth - 1).append("└─ ");
  }

  private static StringBuilder indent(StringBuilder text, int depth) {
    return text.repeat("   ", depth);
  }

  private static void facts(Ancestor image, StringBuilder text) {
    text.append(image.format()).append(", disk ").append(Sizes.format(image.size()));
    text.append(", ").append(Sizes.format(image.allocated())).append(" on its medium");
    image.identity().ifPresent(uuid -> text.append(", identity ").append(uuid));
    image.modification().ifPresent(uuid -> text.append(", state ").append(uuid));
    text.append('\n');
  }

  /// An array for each chain, in an array of them if there are several.
  static String json(List<List<Ancestor>> chains) {
    Json json = new Json();
    if (chains.size() > 1) {
      json.array();
    }
    for (List<Ancestor> chain : chains) {
      json.array();
      chain.forEach(image -> write(image, json));
      json.endArray();
    }
    if (chains.size() > 1) {
      json.endArray();
    }
    return json + "\n";
  }

  private static void write(Ancestor image, Json json) {
    json.object();
    json.member("filename", image.name()).member("format", image.format());
    json.member("virtual-size", image.size()).member("actual-size", image.allocated());
    image.identity().ifPresent(uuid -> json.member("identity", uuid));
    image.modification().ifPresent(uuid -> json.member("modification", uuid));
    json.key("parent").object().member("status", image.parentState());
    image
        .parent()
        .ifPresent(link -> {
          link.names().stream().findFirst().ifPresent(name -> json.member("filename", name));
          link.format().ifPresent(format -> json.member("format", format));
          link.identity().ifPresent(uuid -> json.member("identity", uuid));
          link.modification().ifPresent(uuid -> json.member("modification", uuid));
        });
    image
        .problem()
        .ifPresent(fault -> json.member("problem", Failure.of(fault.cause()).sentence()));
    json.endObject().endObject();
  }

  /// A graph in the language of Graphviz, of all chains together.
  static String dot(List<List<Ancestor>> chains) {
    Set<String> lines = new LinkedHashSet<>();
    for (List<Ancestor> chain : chains) {
      for (int depth = 0; depth < chain.size(); depth++) {
        Ancestor image = chain.get(depth);
        lines.add(node(image));
        if (depth + 1 < chain.size()) {
          lines.add(edge(image.name(), chain.get(depth + 1).name(), image.parentState()));
        } else if (image.isParentMissing()) {
          String missing = Json.quote(image.parentName());
          lines.add(missing + " [style=dashed, label=" + missing + "]");
          lines.add(edge(image.name(), image.parentName(), "missing"));
        }
      }
    }
    StringBuilder text = new StringBuilder("digraph chains {\n  node [shape=box]\n");
    lines.forEach(line -> text.append("  ").append(line).append('\n'));
    return text.append("}\n").toString();
  }

  private static String node(Ancestor image) {
    String label =
        Printable.escape(image.name())
            + "\n"
            + image.format()
            + ", "
            + Sizes.format(image.size())
            + image.identity().map(UUID::toString).map(uuid -> "\n" + uuid).orElse("");
    return Json.quote(image.name()) + " [label=" + Json.quote(label) + "]";
  }

  private static String edge(String child, String parent, String state) {
    String style = state.equals("ok") ? "" : " [style=dashed, color=red, label=" + state + "]";
    return Json.quote(child) + " -> " + Json.quote(parent) + style;
  }
}
