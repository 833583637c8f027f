package dev.platter.format.vmdk;

import java.util.Locale;

/// An extent as a descriptor has it: `RW 4192256 SPARSE "disk-s001.vmdk"`.
///
/// @param line which line of the descriptor, from 1
/// @param sectors of the disk
/// @param type `SPARSE`, `FLAT` and so on, in capitals
/// @param file the name of its file, empty where there is none
/// @param start the sector of the file with the extent's first byte
record ExtentLine(int line, Access access, long sectors, String type, String file, long start) {

  /// What a guest may do with it.
  enum Access {
    RW,
    RDONLY,
    NOACCESS
  }

  /// Whether a line begins as an extent does.
  static boolean is(String line) {
    String word = word(line.strip(), 0).toUpperCase(Locale.ROOT);
    boolean access = word.equals("RW") || word.equals("RDONLY") || word.equals("NOACCESS");
    String rest = line.strip().substring(word.length()).strip();
    return access && !rest.isEmpty() && !rest.startsWith("=");
  }

  /// Takes a line apart.
  ///
  /// @throws IllegalArgumentException if it is not an extent, with a clause that says why
  static ExtentLine parse(int number, String text) {
    String line = text.strip();
    String access = word(line, 0);
    String rest = line.substring(access.length()).strip();
    String size = word(rest, 0);
    rest = rest.substring(size.length()).strip();
    String type = word(rest, 0);
    rest = rest.substring(type.length()).strip();
    if (type.isEmpty()) {
      throw new IllegalArgumentException("has no type");
    }
    String file = "";
    if (rest.startsWith("\"")) {
      int end = rest.indexOf('"', 1);
      if (end < 0) {
        throw new IllegalArgumentException("has a quotation mark that is not closed");
      }
      file = rest.substring(1, end);
      rest = rest.substring(end + 1).strip();
    } else {
      file = word(rest, 0);
      rest = rest.substring(file.length()).strip();
    }
    String start = word(rest, 0);
    return new ExtentLine(
        number,
        Access.valueOf(access.toUpperCase(Locale.ROOT)),
        sectors(size, "size"),
        type.toUpperCase(Locale.ROOT),
        file,
        start.isEmpty() || start.startsWith("\"") ? 0 : sectors(start, "offset"));
  }

  /// The text from `from` to the next blank.
  private static String word(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) > ' ') {
      end++;
    }
    return text.substring(from, end);
  }

  private static long sectors(String text, String what) {
    boolean digits = !text.isEmpty() && text.length() <= 17;
    for (int i = 0; i < text.length(); i++) {
      digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    long value = digits ? Long.parseLong(text) : -1;
    if (value < 0 || value >= 1L << 54) {
      throw new IllegalArgumentException(
          "has the " + what + " '" + text + "', expected sectors below 2^54");
    }
    return value;
  }

  boolean isZero() {
    return type.equals("ZERO");
  }

  /// Whether every byte has its place in the file, or on the device that a file of ESX stands for.
  boolean isFlat() {
    return switch (type) {
      case "FLAT", "VMFS", "VMFSTHIN", "VMFSRAW", "VMFSRDM", "VMFSRDMP" -> true;
      default -> false;
    };
  }

  boolean hasGrains() {
    return type.equals("SPARSE") || type.equals("VMFSSPARSE") || type.equals("SESPARSE");
  }

  @Override
  public String toString() {
    String where = file.isEmpty() ? "" : " \"" + file + "\"";
    return access + " " + sectors + " " + type + where + (isFlat() ? " " + start : "");
  }
}
