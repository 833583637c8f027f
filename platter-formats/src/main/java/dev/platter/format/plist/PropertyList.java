package dev.platter.format.plist;

import dev.platter.image.ImageException;
import dev.platter.struct.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Reads a property list in XML (the elements of Apple's `PropertyList-1.0.dtd`).
///
/// The document type is passed over and never looked up. What could reach outside of the text or
/// make it larger is refused: declarations of one's own, entities, marked sections. What a document
/// takes in memory is not more than a small multiple of its bytes, and its depth is bounded.
public final class PropertyList {
  private static final int DEPTH = 32;
  private static final int VALUES = 1 << 16;

  private final String file;
  private final byte[] text;
  private int at;
  private int values;

  private PropertyList(String file, byte[] text) {
    this.file = file;
    this.text = text;
  }

  /// A value of a property list.
  public sealed interface Value {
    /// Named values, in their order.
    record Dictionary(SequencedMap<String, Value> entries) implements Value {
      /// The dictionary of a name, if there is one.
      public Optional<Dictionary> dictionary(String name) {
        return Optional.ofNullable(entries.get(name))
            .filter(Dictionary.class::isInstance)
            .map(Dictionary.class::cast);
      }

      /// The values of a list of a name; none if there is no such list.
      public List<Value> list(String name) {
        return entries.get(name) instanceof Sequence(var items) ? items : List.of();
      }

      /// The text or number of a name, if there is one.
      public Optional<String> text(String name) {
        return entries.get(name) instanceof Text(var text) ? Optional.of(text) : Optional.empty();
      }
    }

    /// Values in a row.
    record Sequence(List<Value> items) implements Value {}

    /// A string, a number or a date, as it is written.
    record Text(String text) implements Value {}

    /// Bytes.
    ///
    /// @param position where their text starts in the document
    /// @param length bytes of their text
    /// @param bytes what it stands for
    record Data(int position, int length, Bytes bytes) implements Value {}

    /// True or false.
    record Flag(boolean on) implements Value {}
  }

  /// Whether a document starts like a property list in XML.
  public static boolean looksLike(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    int first = text.startsWith("\u00ef\u00bb\u00bf") ? 3 : 0;
    while (first < text.length() && isSpace((byte) text.charAt(first))) {
      first++;
    }
    return text.startsWith("<", first) && text.contains("<plist");
  }

  /// Reads a document whose root value is a dictionary.
  ///
  /// @param file what a message calls the file that it is in
  /// @param text the document, in UTF-8
  /// @throws ImageException.Corrupt if it is not one, or has what no property list needs
  public static Value.Dictionary parse(String file, byte[] text) throws ImageException {
    return new PropertyList(file, text).document();
  }

  private Value.Dictionary document() throws ImageException {
    if (text.length >= 3 && text[0] == (byte) 0xef) {
      at = 3; // a byte order mark; anything else does not go on with a tag
    }
    skipProlog();
    expectTag("plist", "no plist");
    int position = at;
    if (!(value(tag(), 0) instanceof Value.Dictionary root)) {
      throw bad(position, "a root that is no dictionary");
    }
    expectTag("/plist", "more than one root");
    space();
    if (at < text.length && text[at] != 0) {
      throw bad(at, "something behind its end");
    }
    return root;
  }

  private void expectTag(String name, String complaint) throws ImageException {
    int position = at;
    if (!tag().name.equals(name)) {
      throw bad(position, complaint);
    }
  }

  /// Passes over the XML declaration, the document type and comments.
  private void skipProlog() throws ImageException {
    boolean typed = false;
    while (true) {
      space();
      if (starts("<?")) {
        skipBehind("?>");
      } else if (starts("<!--")) {
        skipBehind("-->");
      } else if (starts("<!DOCTYPE") && !typed) {
        typed = true;
        int position = at;
        skipBehind(">");
        for (int i = position + 2; i < at; i++) {
          if (text[i] == '[' || text[i] == '<') {
            throw bad(i, "declarations of its own");
          }
        }
      } else {
        return;
      }
    }
  }

  private record Tag(String name, boolean empty, int position) {}

  /// The next tag; attributes are passed over.
  private Tag tag() throws ImageException {
    blank();
    int position = at;
    if (!starts("<") || starts("<!") || starts("<?")) {
      throw bad(at, "no tag");
    }
    at++;
    int from = at;
    if (starts("/")) {
      at++;
    }
    while (at < text.length && (text[at] >= 'a' && text[at] <= 'z')) {
      at++;
    }
    String name = new String(text, from, at - from, StandardCharsets.US_ASCII);
    while (at < text.length && text[at] != '>' && text[at] != '<') {
      at++;
    }
    if (at >= text.length || text[at] != '>') {
      throw bad(position, "a tag without an end");
    }
    boolean empty = text[at - 1] == '/';
    at++;
    return new Tag(name, empty, position);
  }

  private Value value(Tag tag, int depth) throws ImageException {
    if (++values > VALUES || depth > DEPTH) {
      throw new ImageException.LimitExceeded(
          file, "property list has too many or too deeply nested values at byte " + tag.position);
    }
    return switch (tag.name) {
      case "dict" -> dictionary(tag, depth);
      case "array" -> sequence(tag, depth);
      case "string", "integer", "real", "date" -> new Value.Text(content(tag));
      case "data" -> data(tag);
      case "true", "false" -> {
        if (!tag.empty) {
          expectTag("/" + tag.name, "something in a " + tag.name);
        }
        yield new Value.Flag(tag.name.equals("true"));
      }
      default -> throw bad(tag.position, "an element that no property list has");
    };
  }

  private Value dictionary(Tag start, int depth) throws ImageException {
    SequencedMap<String, Value> entries = new LinkedHashMap<>();
    while (!start.empty) {
      Tag next = tag();
      if (next.name.equals("/dict")) {
        break;
      }
      if (!next.name.equals("key")) {
        throw bad(next.position, "a value without a key");
      }
      String name = content(next);
      if (entries.putIfAbsent(name, value(tag(), depth + 1)) != null) {
        throw bad(next.position, "a key twice");
      }
    }
    return new Value.Dictionary(entries);
  }

  private Value sequence(Tag start, int depth) throws ImageException {
    List<Value> items = new ArrayList<>();
    while (!start.empty) {
      Tag next = tag();
      if (next.name.equals("/array")) {
        break;
      }
      items.add(value(next, depth + 1));
    }
    return new Value.Sequence(items);
  }

  /// The end of the text from here on.
  private int endOfText() throws ImageException {
    int end = at;
    while (end < text.length && text[end] != '<') {
      end++;
    }
    if (end == text.length) {
      throw bad(at, "a text without an end");
    }
    return end;
  }

  private String content(Tag start) throws ImageException {
    if (start.empty) {
      return "";
    }
    int from = at;
    int end = endOfText();
    String found;
    try {
      found =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(text, from, end - from))
              .toString();
    } catch (CharacterCodingException _) {
      throw bad(from, "a text that is not in UTF-8");
    }
    at = end;
    expectTag("/" + start.name, "an element that is not ended");
    return found.indexOf('&') < 0 ? found : resolved(found, from);
  }

  private String resolved(String found, int position) throws ImageException {
    var result = new StringBuilder();
    for (int i = 0; i < found.length(); i++) {
      char c = found.charAt(i);
      if (c != '&') {
        result.append(c);
        continue;
      }
      int end = found.indexOf(';', i);
      String name = end < 0 ? "" : found.substring(i + 1, end);
      result.append(
          switch (name) {
            case "lt" -> '<';
            case "gt" -> '>';
            case "amp" -> '&';
            case "quot" -> '"';
            case "apos" -> '\'';
            default -> throw bad(position, "a reference to an entity");
          });
      i = end;
    }
    return result.toString();
  }

  private Value data(Tag start) throws ImageException {
    if (start.empty) {
      return new Value.Data(start.position, 0, Bytes.zeros(0));
    }
    int from = at;
    int end = endOfText();
    Bytes bytes =
        Base64Text.decode(text, from, end).orElseThrow(() -> bad(from, "data that is not base64"));
    at = end;
    expectTag("/data", "an element that is not ended");
    return new Value.Data(from, end - from, bytes);
  }

  private boolean starts(String mark) {
    if (at > text.length - mark.length()) {
      return false;
    }
    for (int i = 0; i < mark.length(); i++) {
      if (text[at + i] != mark.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private void skipBehind(String mark) throws ImageException {
    int position = at;
    while (!starts(mark)) {
      if (at >= text.length) {
        throw bad(position, "no " + mark);
      }
      at++;
    }
    at += mark.length();
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t' || b == '\n' || b == '\r';
  }

  private void space() {
    while (at < text.length && isSpace(text[at])) {
      at++;
    }
  }

  /// Passes over space and comments.
  private void blank() throws ImageException {
    space();
    while (starts("<!--")) {
      skipBehind("-->");
      space();
    }
  }

  private ImageException.Corrupt bad(int position, String what) {
    return new ImageException.Corrupt(file, "property list has " + what + " at byte " + position);
  }
}
