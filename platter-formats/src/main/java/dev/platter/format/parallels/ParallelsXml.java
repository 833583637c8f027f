package dev.platter.format.parallels;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Reads XML as far as descriptors need it: elements and their text. Attributes are passed over.
/// What could reach outside of the text or make it larger, document types, entities of one's own
/// and marked sections, is refused.
final class ParallelsXml {
  private static final int PROBED = 4096;
  private static final int DEPTH = 32;
  private static final int ELEMENTS = 1 << 16;
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private final String file;
  private final String text;
  private final Deque<Open> open = new ArrayDeque<>();
  private final List<Element> roots = new ArrayList<>();
  private int at;
  private int count;

  private ParallelsXml(String file, String text) {
    this.file = file;
    this.text = text;
  }

  /// An element.
  ///
  /// @param position of its tag in the text, in characters
  /// @param text what stands in it outside of its children, without space around it
  record Element(String name, int position, String text, List<Element> children) {
    /// The children of a name.
    List<Element> all(String wanted) {
      return children.stream().filter(child -> child.name.equals(wanted)).toList();
    }
  }

  private record Open(String name, int position, StringBuilder text, List<Element> children) {}

  /// Whether a storage starts like a document with this root.
  static boolean looksLike(Storage storage, String root) throws IOException {
    byte[] bytes = new byte[(int) Math.min(storage.size(), PROBED)];
    if (bytes.length > 0) {
      storage.read(0, MemorySegment.ofArray(bytes).asSlice(0, 1));
      // a file that does not start like a text is not read any further
      if (bytes[0] != '<' && bytes[0] != (byte) 0xef && !Character.isWhitespace(bytes[0])) {
        return false;
      }
      storage.read(0, MemorySegment.ofArray(bytes));
    }
    String start = new String(bytes, StandardCharsets.UTF_8);
    if (!start.isEmpty() && start.charAt(0) == BYTE_ORDER_MARK) {
      start = start.substring(1);
    }
    return start.stripLeading().startsWith("<") && start.contains("<" + root);
  }

  /// Reads a document.
  ///
  /// @return its root
  static Element read(Storage storage, Limits limits) throws IOException {
    String file = storage.name();
    Limits.check(file, "bytes of the descriptor", storage.size(), limits.text());
    byte[] bytes = new byte[(int) storage.size()];
    storage.read(0, MemorySegment.ofArray(bytes));
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException _) {
      throw new ImageException.Corrupt(file, "is not a text in UTF-8");
    }
    return new ParallelsXml(file, text).document();
  }

  private Element document() throws ImageException {
    if (!text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) {
      at = 1;
    }
    while (at < text.length()) {
      int tag = text.indexOf('<', at);
      content(at, tag < 0 ? text.length() : tag);
      at = tag < 0 ? text.length() : tag;
      if (tag >= 0) {
        markup();
      }
    }
    if (!open.isEmpty() || roots.size() != 1) {
      throw bad(text.length(), open.isEmpty() ? "no single root" : "no end of " + open.peek().name);
    }
    return roots.getFirst();
  }

  private void markup() throws ImageException {
    if (text.startsWith("<!--", at)) {
      skipTo("-->");
    } else if (text.startsWith("<?", at)) {
      skipTo("?>");
    } else if (text.startsWith("<!", at)) {
      throw bad(at, "a declaration or a marked section, which no descriptor has");
    } else if (text.startsWith("</", at)) {
      end();
    } else {
      start();
    }
  }

  private void skipTo(String mark) throws ImageException {
    int end = text.indexOf(mark, at);
    if (end < 0) {
      throw bad(at, "no " + mark);
    }
    at = end + mark.length();
  }

  private void start() throws ImageException {
    int position = at;
    at++;
    String name = name();
    boolean empty = attributes();
    Limits.check(file, "elements of the descriptor", ++count, ELEMENTS);
    open.push(new Open(name, position, new StringBuilder(), new ArrayList<>()));
    Limits.check(file, "nested elements of the descriptor", open.size(), DEPTH);
    if (empty) {
      close();
    }
  }

  private String name() throws ImageException {
    int from = at;
    while (at < text.length() && isNamePart(text.charAt(at))) {
      at++;
    }
    if (at == from) {
      throw bad(from, "a tag without a name");
    }
    return text.substring(from, at);
  }

  private static boolean isNamePart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.' || c == ':';
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  /// Passes over attributes and the end of the tag.
  ///
  /// @return whether the element ends there, too
  private boolean attributes() throws ImageException {
    while (true) {
      space();
      if (text.startsWith("/>", at)) {
        at += 2;
        return true;
      }
      if (text.startsWith(">", at)) {
        at++;
        return false;
      }
      name();
      space();
      require('=');
      space();
      char quote = at < text.length() ? text.charAt(at) : ' ';
      int end = quote == '"' || quote == '\'' ? text.indexOf(quote, at + 1) : -1;
      if (end < 0) {
        throw bad(at, "an attribute without a value");
      }
      at = end + 1;
    }
  }

  private void require(char wanted) throws ImageException {
    if (at >= text.length() || text.charAt(at) != wanted) {
      throw bad(at, "no '" + wanted + "'");
    }
    at++;
  }

  private void end() throws ImageException {
    int position = at;
    at += 2;
    String name = name();
    space();
    require('>');
    if (open.isEmpty() || !open.peek().name.equals(name)) {
      throw bad(position, "an end of " + name + ", which is not what was begun last");
    }
    close();
  }

  private void close() {
    Open done = open.pop();
    var element =
        new Element(
            done.name, done.position, done.text.toString().strip(), List.copyOf(done.children));
    if (open.isEmpty()) {
      roots.add(element);
    } else {
      open.peek().children.add(element);
    }
  }

  private void content(int from, int to) throws ImageException {
    if (open.isEmpty()) {
      if (!text.substring(from, to).isBlank()) {
        throw bad(from, "text outside of the root");
      }
      return;
    }
    StringBuilder target = open.peek().text;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c == '&') {
        int end = text.indexOf(';', i);
        if (end < 0 || end >= to) {
          throw bad(i, "a reference without an end");
        }
        target.append(reference(i, text.substring(i + 1, end)));
        i = end;
      } else {
        target.append(c);
      }
    }
  }

  private char reference(int position, String name) throws ImageException {
    return switch (name) {
      case "lt" -> '<';
      case "gt" -> '>';
      case "amp" -> '&';
      case "quot" -> '"';
      case "apos" -> '\'';
      default -> throw bad(position, "a reference that is not one of the five of every document");
    };
  }

  private ImageException.Corrupt bad(int position, String what) {
    return new ImageException.Corrupt(file, "descriptor has " + what + " at character " + position);
  }
}
