package dev.platter.tests.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON strictly: a map, a list, a text, a `Long` or `Double`, or a `Boolean`.
final class JsonText {
  private final String text;
  private int at;

  private JsonText(String text) {
    this.text = text;
  }

  static Object parse(String text) {
    var parser = new JsonText(text);
    Object value = parser.value();
    parser.space();
    if (parser.at != text.length()) {
      throw parser.wrong();
    }
    return value;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> object(String text) {
    return (Map<String, Object>) parse(text);
  }

  private IllegalStateException wrong() {
    return new IllegalStateException("no JSON at " + at + " of " + text);
  }

  private void space() {
    while (at < text.length() && " \n\r\t".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private boolean take(char wanted) {
    space();
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private Object value() {
    space();
    return switch (text.charAt(at)) {
      case '{' -> map();
      case '[' -> list();
      case '"' -> string();
      case 't', 'f' -> truth();
      default -> number();
    };
  }

  private Map<String, Object> map() {
    Map<String, Object> map = new LinkedHashMap<>();
    take('{');
    if (take('}')) {
      return map;
    }
    do {
      space();
      String key = string();
      if (!take(':') || map.put(key, value()) != null) {
        throw wrong();
      }
    } while (take(','));
    if (!take('}')) {
      throw wrong();
    }
    return map;
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    take('[');
    if (take(']')) {
      return list;
    }
    do {
      list.add(value());
    } while (take(','));
    if (!take(']')) {
      throw wrong();
    }
    return list;
  }

  private Object truth() {
    boolean truth = text.startsWith("true", at);
    if (!truth && !text.startsWith("false", at)) {
      throw wrong();
    }
    at += truth ? 4 : 5;
    return truth;
  }

  private Object number() {
    int start = at;
    while (at < text.length() && "-+.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String digits = text.substring(start, at);
    return digits.contains(".") ? (Object) Double.valueOf(digits) : Long.valueOf(digits);
  }

  private String string() {
    if (text.charAt(at++) != '"') {
      throw wrong();
    }
    var value = new StringBuilder();
    for (char next = text.charAt(at++); next != '"'; next = text.charAt(at++)) {
      if (next < ' ') {
        throw wrong();
      }
      value.append(next == '\\' ? escape() : next);
    }
    return value.toString();
  }

  private char escape() {
    char letter = text.charAt(at++);
    return switch (letter) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'u' -> (char) Integer.parseInt(text, at, at += 4, 16);
      default -> letter;
    };
  }
}
