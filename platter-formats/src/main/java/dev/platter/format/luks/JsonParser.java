package dev.platter.format.luks;

import dev.platter.image.ImageException;

/// Reads a text of JSON strictly (RFC 8259): one object, each name once, a bounded depth and number
/// of values.
final class JsonParser {
  private static final int DEPTH = 16;
  private static final int VALUES = 100_000;

  private final String file;
  private final String text;
  private int at;
  private int values;

  private JsonParser(String file, String text) {
    this.file = file;
    this.text = text;
  }

  /// Reads an object.
  ///
  /// @param file the storage's name, for messages
  static Json.Members parse(String file, String text) throws ImageException {
    var parser = new JsonParser(file, text);
    parser.spaces();
    Json value = parser.value(0);
    parser.spaces();
    if (parser.at < text.length() || !(value instanceof Json.Members members)) {
      throw parser.bad("one object and nothing behind it");
    }
    return members;
  }

  private ImageException bad(String expected) {
    return new ImageException.Corrupt(
        file, "the JSON of its header has at " + at + " not what is expected: " + expected);
  }

  private void spaces() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() throws ImageException {
    if (at >= text.length()) {
      throw bad("more text");
    }
    return text.charAt(at);
  }

  private boolean take(char wanted) throws ImageException {
    spaces();
    if (peek() != wanted) {
      return false;
    }
    at++;
    return true;
  }

  private Json value(int depth) throws ImageException {
    if (depth > DEPTH || ++values > VALUES) {
      throw bad("fewer or less deeply nested values");
    }
    spaces();
    return switch (peek()) {
      case '{' -> members(depth);
      case '[' -> list(depth);
      case '"' -> new Json.Text(string());
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    };
  }

  private Json members(int depth) throws ImageException {
    at++;
    var members = new Json.Members();
    if (take('}')) {
      return members;
    }
    do {
      spaces();
      String name = string();
      if (!take(':')) {
        throw bad("a colon");
      }
      if (members.all().put(name, value(depth + 1)) != null) {
        throw bad("each name once, but '" + name + "' is there twice");
      }
    } while (take(','));
    if (!take('}')) {
      throw bad("a comma or the end of the object");
    }
    return members;
  }

  private Json list(int depth) throws ImageException {
    at++;
    var list = new Json.Values();
    if (take(']')) {
      return list;
    }
    do {
      list.all().add(value(depth + 1));
    } while (take(','));
    if (!take(']')) {
      throw bad("a comma or the end of the list");
    }
    return list;
  }

  private Json word(String word) throws ImageException {
    if (!text.startsWith(word, at)) {
      throw bad("a value");
    }
    at += word.length();
    return new Json.Word(word);
  }

  private Json number() throws ImageException {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String number = text.substring(start, at);
    int digits = number.startsWith("-") ? 1 : 0;
    boolean fine =
        number.length() > digits
            && Character.isDigit(number.charAt(digits))
            && Character.isDigit(number.charAt(number.length() - 1))
            && number.length() < 40;
    if (!fine) {
      at = start;
      throw bad("a value");
    }
    return new Json.Numeral(number);
  }

  private String string() throws ImageException {
    if (peek() != '"') {
      throw bad("a text in quotes");
    }
    at++;
    var out = new StringBuilder();
    while (peek() != '"') {
      char c = text.charAt(at++);
      if (c < ' ') {
        throw bad("no control character in a text");
      }
      out.append(c == '\\' ? escaped() : c);
    }
    at++;
    return out.toString();
  }

  private char escaped() throws ImageException {
    char c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> hexadecimal();
      default -> throw bad("an escape that JSON has");
    };
  }

  private char hexadecimal() throws ImageException {
    int code = 0;
    for (int digit = 0; digit < 4; digit++) {
      int value = Character.digit(peek(), 16);
      if (value < 0) {
        throw bad("four hexadecimal digits");
      }
      code = code << 4 | value;
      at++;
    }
    return (char) code;
  }
}
