package dev.platter.cli;

import java.util.Collection;
import java.util.Map;

/// Writes JSON, indented as `qemu-img` does it.
final class Json {
  private final StringBuilder text = new StringBuilder();
  private int depth;
  private boolean first = true;

  /// What was written so far.
  @Override
  public String toString() {
    return text.toString();
  }

  /// Starts an object, as an element or after [#key].
  Json object() {
    return open('{');
  }

  /// Ends the object.
  Json endObject() {
    return close('}');
  }

  /// Starts an array, as an element or after [#key].
  Json array() {
    return open('[');
  }

  /// Ends the array.
  Json endArray() {
    return close(']');
  }

  private Json open(char bracket) {
    element();
    text.append(bracket);
    depth++;
    first = true;
    return this;
  }

  private Json close(char bracket) {
    depth--;
    line();
    text.append(bracket);
    first = false;
    return this;
  }

  private void line() {
    text.append('\n');
    text.repeat("    ", depth);
  }

  /// Starts an element: a line of its own unless a key stands before it.
  private void element() {
    if (text.isEmpty() || text.charAt(text.length() - 1) == ' ') {
      return;
    }
    if (!first) {
      text.append(',');
    }
    line();
    first = false;
  }

  /// The name of the next value.
  Json key(String name) {
    element();
    string(name);
    text.append(": ");
    return this;
  }

  /// A member of an object.
  Json member(String name, Object value) {
    return key(name).value(value);
  }

  /// A value: a text, a number, a truth value, a map or a collection of these.
  Json value(Object value) {
    // not a switch on types: that has a start-up cost
    if (value instanceof Map<?, ?> map) {
      object();
      map.forEach((key, inner) -> member(String.valueOf(key), inner));
      endObject();
    } else if (value instanceof Collection<?> all) {
      array();
      all.forEach(this::value);
      endArray();
    } else {
      element();
      if (value instanceof Number || value instanceof Boolean) {
        text.append(value);
      } else {
        string(String.valueOf(value));
      }
    }
    return this;
  }

  private void string(String value) {
    quote(value, text);
  }

  /// A JSON string.
  static String quote(String value) {
    StringBuilder quoted = new StringBuilder(value.length() + 2);
    quote(value, quoted);
    return quoted.toString();
  }

  private static void quote(String value, StringBuilder target) {
    target.append('"');
    int at = 0;
    while (at < value.length()) {
      int character = value.codePointAt(at);
      switch (character) {
        case '"' -> target.append("\\\"");
        case '\\' -> target.append("\\\\");
        case '\n' -> target.append("\\n");
        case '\t' -> target.append("\\t");
        case '\r' -> target.append("\\r");
        default -> {
          if (Printable.isVisible(character)) {
            target.appendCodePoint(character);
          } else {
            Printable.escape(character, target);
          }
        }
      }
      at += Character.charCount(character);
    }
    target.append('"');
  }
}
