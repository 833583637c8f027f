package dev.platter.image;

import dev.platter.io.Storage;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// A file name as it is written in an image, by whoever wrote the image.
final class ReferenceName {
  private static final int SHOWN = 200;

  private ReferenceName() {}

  /// The name as a path, if it can only be the name of a file.
  ///
  /// @param from the storage that has the name
  /// @param limit bytes that a name may have
  static Path parse(Storage from, String location, int limit) throws ImageException.OutOfReach {
    String fault = fault(location, limit);
    if (fault.isEmpty()) {
      try {
        return Path.of(location);
      } catch (InvalidPathException e) {
        fault = "cannot be a file name here: " + e.getReason();
      }
    }
    throw new ImageException.OutOfReach(
        from.name(), "names '" + printable(location) + "', which " + fault);
  }

  /// What is wrong with the name, nothing if it is in order.
  private static String fault(String location, int limit) {
    if (location.isEmpty()) {
      return "is empty";
    }
    if (location.length() > limit || location.getBytes(StandardCharsets.UTF_8).length > limit) {
      return "is longer than " + limit + " bytes";
    }
    for (int i = 0; i < location.length(); ) {
      int point = location.codePointAt(i);
      if (Character.isISOControl(point)) {
        return "has a control character";
      }
      if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
        return "is not proper Unicode";
      }
      i += Character.charCount(point);
    }
    if (location.startsWith("//") || location.startsWith("\\\\")) {
      return "is a name in a network";
    }
    return hasScheme(location) ? "is a location of another kind than a file" : "";
  }

  /// Whether it begins like `nbd:` or `json:`. A single letter is a drive.
  private static boolean hasScheme(String location) {
    int colon = location.indexOf(':');
    if (colon < 2 || !letter(location.charAt(0))) {
      return false;
    }
    for (int i = 1; i < colon; i++) {
      char c = location.charAt(i);
      if (!letter(c) && !(c >= '0' && c <= '9') && "+.-".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /// The name for a message: a stranger's text must not steer a terminal, nor fill it.
  static String printable(String location) {
    var text = new StringBuilder();
    for (int i = 0; i < location.length() && text.length() < SHOWN; ) {
      int point = location.codePointAt(i);
      i += Character.charCount(point);
      switch (Character.getType(point)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.SURROGATE,
            Character.UNASSIGNED,
            Character.PRIVATE_USE,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR ->
            text.append("\\u{").append(Integer.toHexString(point)).append('}');
        default -> text.appendCodePoint(point);
      }
    }
    return text.length() < SHOWN ? text.toString() : text.append("...").toString();
  }
}
