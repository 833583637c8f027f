package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/// The text that says what an image is made of: values with names, and extents. Lines that mean
/// nothing here stay as they are.
///
/// Names are compared without regard to case, blanks around `=` and quotation marks do not matter,
/// and lines may end as on any system.
final class VmdkDescriptor {
  static final String CID = "CID";
  static final String PARENT_CID = "parentCID";
  static final String PARENT_HINT = "parentFileNameHint";
  static final String CREATE_TYPE = "createType";
  static final String IDENTITY = "ddb.uuid.image";
  static final String MODIFICATION = "ddb.uuid.modification";
  static final String PARENT = "ddb.uuid.parent";
  static final String PARENT_MODIFICATION = "ddb.uuid.parentmodification";
  static final String COMMENT = "ddb.comment";

  /// What `parentCID` is without a parent.
  static final long NO_PARENT = 0xffff_ffffL;

  private static final String ENCODING = "encoding";
  private static final String TITLE = "#diskdescriptorfile";
  private static final int VERSION_LENGTH = "version=1".length();
  private static final char BYTE_ORDER_MARK = '\ufeff';

  /// Lines with their ends.
  private final List<String> lines;

  private final Charset charset;

  private VmdkDescriptor(List<String> lines, Charset charset) {
    this.lines = lines;
    this.charset = charset;
  }

  /// Whether bytes begin as a descriptor does: with its title, or with comments and then a version.
  static boolean begins(byte[] bytes) {
    boolean text = bytes.length > 0;
    for (int at = 0; at < Math.min(bytes.length, 64) && bytes[at] != 0; at++) {
      text &= bytes[at] < 0 || bytes[at] >= ' ' || Character.isWhitespace(bytes[at]);
    }
    if (!text || bytes[0] == 0) {
      return false;
    }
    for (String line : parse(bytes).lines) {
      String word = withoutBlanks(line);
      if (word.startsWith(TITLE)) {
        return true;
      }
      if (!word.isEmpty() && !word.startsWith("#")) {
        return word.startsWith("version=") && word.length() <= VERSION_LENGTH;
      }
    }
    return false;
  }

  private static String withoutBlanks(String line) {
    var word = new StringBuilder();
    line.chars()
        .filter(c -> c > ' ' && c != '"' && c != BYTE_ORDER_MARK)
        .forEach(c -> {
          word.append((char) c);
        });
    return word.toString().toLowerCase(Locale.ROOT);
  }

  /// Takes a text apart; what follows a zero byte is room for a longer text.
  static VmdkDescriptor parse(byte[] bytes) {
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      length++;
    }
    String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    var plain = new VmdkDescriptor(split(text), StandardCharsets.ISO_8859_1);
    Charset charset = charset(plain.value(ENCODING).orElse("UTF-8"));
    try {
      String decoded =
          charset
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes, 0, length))
              .toString();
      return new VmdkDescriptor(split(decoded), charset);
    } catch (CharacterCodingException _) {
      // every byte means something in this one, and is written again as it was
      return plain;
    }
  }

  /// The encoding that writers declare is that of their system.
  private static Charset charset(String name) {
    try {
      Charset found = Charset.forName(name);
      return found.canEncode() ? found : StandardCharsets.UTF_8;
    } catch (IllegalCharsetNameException | UnsupportedCharsetException _) {
      return StandardCharsets.UTF_8;
    }
  }

  /// A new text of whole lines.
  static VmdkDescriptor of(List<String> lines) {
    return new VmdkDescriptor(
        lines.stream().map(line -> line + "\n").toList(), StandardCharsets.UTF_8);
  }

  private static List<String> split(String text) {
    List<String> lines = new ArrayList<>();
    int start = 0;
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      boolean pair = c == '\r' && at + 1 < text.length() && text.charAt(at + 1) == '\n';
      if (c == '\n' || (c == '\r' && !pair)) {
        lines.add(text.substring(start, at + 1));
        start = at + 1;
      }
    }
    if (start < text.length()) {
      lines.add(text.substring(start));
    }
    return lines;
  }

  /// The text as bytes.
  byte[] bytes() {
    return String.join("", lines).getBytes(charset);
  }

  /// A value, without its quotation marks.
  Optional<String> value(String name) {
    int line = find(name);
    return line < 0 ? Optional.empty() : Optional.of(valueOf(lines.get(line)));
  }

  private int find(String name) {
    for (int line = 0; line < lines.size(); line++) {
      if (nameOf(lines.get(line)).equalsIgnoreCase(name)) {
        return line;
      }
    }
    return -1;
  }

  private static String nameOf(String line) {
    int equals = line.indexOf('=');
    boolean named = equals > 0 && !line.stripLeading().startsWith("#") && !ExtentLine.is(line);
    return named ? line.substring(0, equals).strip() : "";
  }

  private static String valueOf(String line) {
    String value = line.substring(line.indexOf('=') + 1).strip();
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  /// A UUID, if there is one that is not all zeros.
  Optional<UUID> uuid(String name) {
    Optional<String> text = value(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      UUID uuid = UUID.fromString(text.get());
      boolean zero = uuid.getMostSignificantBits() == 0 && uuid.getLeastSignificantBits() == 0;
      return zero ? Optional.empty() : Optional.of(uuid);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// A number of up to eight hexadecimal digits, as `CID` is one.
  OptionalLong hex(String name) {
    String text = value(name).orElse("");
    String digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
    boolean valid = !digits.isEmpty() && digits.length() <= 8;
    for (int i = 0; i < digits.length(); i++) {
      valid &= Character.digit(digits.charAt(i), 16) >= 0 && digits.charAt(i) < 128;
    }
    return valid ? OptionalLong.of(Long.parseLong(digits, 16)) : OptionalLong.empty();
  }

  /// The same text with another value on the line that has the name, in the way it is written
  /// there; without such a line nothing changes.
  VmdkDescriptor with(String name, String value) {
    int at = find(name);
    if (at < 0) {
      return this;
    }
    String line = lines.get(at);
    String old = valueOf(line);
    int start = line.indexOf(old, line.indexOf('=') + 1);
    List<String> changed = new ArrayList<>(lines);
    changed.set(at, line.substring(0, start) + value + line.substring(start + old.length()));
    return new VmdkDescriptor(List.copyOf(changed), charset);
  }

  /// The same text with a value that is written as given: on the line that has the name, or on a
  /// new one, at the end or, if it does not belong to the database, in front of the extents.
  VmdkDescriptor put(String name, String written) {
    boolean inDatabase = name.startsWith("ddb.");
    String line = name + (inDatabase ? " = " : "=") + written;
    List<String> changed = new ArrayList<>(lines);
    int at = find(name);
    if (at >= 0) {
      changed.set(at, line + end(lines.get(at)));
      return new VmdkDescriptor(List.copyOf(changed), charset);
    }
    String ending = end(lines.getFirst());
    if (inDatabase) {
      String last = changed.removeLast();
      changed.add(end(last).isEmpty() ? last + ending : last);
      changed.add(line + ending);
    } else {
      int extent = 0;
      while (extent < lines.size() && nameOf(lines.get(extent)).isEmpty()) {
        extent++;
      }
      while (extent < lines.size() && !nameOf(lines.get(extent)).isEmpty()) {
        extent++;
      }
      changed.add(extent, line + ending);
    }
    return new VmdkDescriptor(List.copyOf(changed), charset);
  }

  private static String end(String line) {
    return line.substring(lastOf(line));
  }

  /// Where a line's end starts.
  private static int lastOf(String line) {
    int at = line.length();
    while (at > 0 && (line.charAt(at - 1) == '\n' || line.charAt(at - 1) == '\r')) {
      at--;
    }
    return at;
  }

  /// The same text without the line that has the name.
  VmdkDescriptor without(String name) {
    int at = find(name);
    if (at < 0) {
      return this;
    }
    List<String> changed = new ArrayList<>(lines);
    changed.remove(at);
    return new VmdkDescriptor(List.copyOf(changed), charset);
  }

  /// The lines with their ends.
  List<String> lines() {
    return lines;
  }

  /// The encoding of the text.
  Charset charset() {
    return charset;
  }

  /// The extents, in the order of the disk.
  ///
  /// @param name what a message calls the file
  List<ExtentLine> extents(String name, Limits limits) throws ImageException {
    List<ExtentLine> extents = new ArrayList<>();
    long total = 0;
    for (int line = 0; line < lines.size(); line++) {
      if (!ExtentLine.is(lines.get(line))) {
        continue;
      }
      Limits.check(name, "extents", extents.size() + 1L, limits.files());
      try {
        ExtentLine extent = ExtentLine.parse(line + 1, lines.get(line));
        extents.add(extent);
        total += extent.sectors();
      } catch (IllegalArgumentException e) {
        throw new ImageException.Corrupt(
            name, "the extent in line " + (line + 1) + " of the descriptor " + e.getMessage());
      }
      if (total >= 1L << 54) {
        throw new ImageException.Corrupt(
            name, "its extents have " + total + " sectors or more, expected fewer than 2^54");
      }
    }
    if (extents.isEmpty()) {
      throw new ImageException.Corrupt(name, "its descriptor names no extent");
    }
    return extents;
  }
}
