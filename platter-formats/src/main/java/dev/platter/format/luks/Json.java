package dev.platter.format.luks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A value of LUKS2's JSON. What is not understood is kept and written again as it was.
sealed interface Json {

  /// Members by their names, in order.
  record Members(SequencedMap<String, Json> all) implements Json {
    Members() {
      this(new LinkedHashMap<>());
    }

    Members put(String name, Json value) {
      all.put(name, value);
      return this;
    }

    Members put(String name, String value) {
      return put(name, new Text(value));
    }

    Members put(String name, long value) {
      return put(name, new Numeral(Long.toString(value)));
    }
  }

  /// Values in order.
  record Values(List<Json> all) implements Json {
    Values() {
      this(new ArrayList<>());
    }

    static Values of(String... texts) {
      var values = new Values();
      for (String text : texts) {
        values.all.add(new Text(text));
      }
      return values;
    }
  }

  /// A text.
  record Text(String value) implements Json {}

  /// A number as it was written.
  record Numeral(String value) implements Json {}

  /// `true`, `false` or `null`.
  record Word(String value) implements Json {}

  /// The text of a value, without spaces.
  default void write(StringBuilder out) {
    switch (this) {
      case Members(var all) -> {
        String comma = "{";
        for (var member : all.entrySet()) {
          quote(member.getKey(), out.append(comma));
          member.getValue().write(out.append(':'));
          comma = ",";
        }
        out.append(all.isEmpty() ? "{}" : "}");
      }
      case Values(var all) -> {
        String comma = "[";
        for (Json value : all) {
          value.write(out.append(comma));
          comma = ",";
        }
        out.append(all.isEmpty() ? "[]" : "]");
      }
      case Text(String value) -> quote(value, out);
      case Numeral(String value) -> out.append(value);
      case Word(String value) -> out.append(value);
    }
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append("\\u00").append(Character.forDigit(c >> 4, 16));
        out.append(Character.forDigit(c & 15, 16));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
