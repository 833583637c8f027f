package dev.platter.cli;

/// Text from images and file names made harmless for a terminal: what would move the cursor, turn
/// the direction of writing or show nothing is written as in JSON, with its number.
final class Printable {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private Printable() {}

  /// The text with everything invisible escaped; the same object where there is nothing to escape.
  static String escape(String text) {
    int at = 0;
    while (at < text.length() && isPlain(text.charAt(at))) {
      at++;
    }
    if (at == text.length()) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, at);
    while (at < text.length()) {
      int character = text.codePointAt(at);
      if (isVisible(character)) {
        escaped.appendCodePoint(character);
      } else {
        escape(character, escaped);
      }
      at += Character.charCount(character);
    }
    return escaped.toString();
  }

  private static boolean isPlain(char character) {
    return character >= ' ' && character < 0x7f;
  }

  /// Whether a character shows as itself.
  static boolean isVisible(int character) {
    if (character < 0x7f) {
      return character >= ' ';
    }
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /// Appends the escape of a character, as two where it needs a surrogate pair.
  static void escape(int character, StringBuilder target) {
    if (Character.isSupplementaryCodePoint(character)) {
      escape(Character.highSurrogate(character), target);
      escape(Character.lowSurrogate(character), target);
      return;
    }
    target.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      target.append(HEX[character >> shift & 0xf]);
    }
  }
}
