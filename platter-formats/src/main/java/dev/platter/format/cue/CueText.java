package dev.platter.format.cue;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A sheet as lines of words.
final class CueText {
  private static final int MARK_LENGTH = 3;
  private static final char END_OF_FILE = 0x1a;

  private CueText() {}

  /// A line that has words.
  ///
  /// @param number counted from 1
  /// @param position where it starts in the file
  /// @param length its bytes, without its end
  /// @param words the command in capitals, and its arguments without quotation marks
  /// @param rest everything behind the command, as it is written
  record Line(int number, long position, int length, List<String> words, String rest) {
    /// What is asked for.
    String command() {
      return words.getFirst();
    }
  }

  static List<Line> read(Storage storage, Limits limits) throws IOException {
    Limits.check(storage.name(), "bytes of the sheet", storage.size(), limits.text());
    byte[] bytes = new byte[(int) storage.size()];
    storage.read(0, MemorySegment.ofArray(bytes));
    return lines(bytes, storage.name());
  }

  /// Takes a text apart; lines may end as on any system.
  static List<Line> lines(byte[] bytes, String name) throws ImageException {
    Charset charset = charset(bytes);
    boolean marked =
        bytes.length >= MARK_LENGTH
            && new String(bytes, 0, MARK_LENGTH, StandardCharsets.UTF_8).equals("\ufeff");
    List<Line> lines = new ArrayList<>();
    int number = 1;
    int start = marked ? MARK_LENGTH : 0;
    for (int at = start; at <= bytes.length; at++) {
      if (at == bytes.length || bytes[at] == '\n' || bytes[at] == '\r') {
        String line = new String(bytes, start, at - start, charset);
        List<String> words = words(line, number, name);
        if (!words.isEmpty()) {
          String rest = line.strip().substring(words.getFirst().length()).strip();
          words.set(0, words.getFirst().toUpperCase(Locale.ROOT));
          lines.add(new Line(number, start, at - start, List.copyOf(words), rest));
        }
        if (at + 1 < bytes.length && bytes[at] == '\r' && bytes[at + 1] == '\n') {
          at++;
        }
        number++;
        start = at + 1;
      }
    }
    return List.copyOf(lines);
  }

  /// UTF-8 if it is that, else the encoding in which every byte means something.
  private static Charset charset(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return StandardCharsets.UTF_8;
    } catch (CharacterCodingException _) {
      return StandardCharsets.ISO_8859_1;
    }
  }

  private static List<String> words(String line, int number, String name) throws ImageException {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (at < line.length()) {
      char c = line.charAt(at);
      if (c == 0) {
        throw new ImageException.Corrupt(
            name, "has a zero byte in line " + number + " of the sheet");
      }
      if (isBlank(c)) {
        at++;
      } else if (!words.isEmpty() && words.getFirst().equalsIgnoreCase("REM")) {
        words.add(line.substring(at).strip()); // a remark may have single quotation marks
        at = line.length();
      } else {
        int end = c == '"' ? line.indexOf('"', at + 1) : end(line, at);
        if (end < 0) {
          throw new ImageException.Corrupt(
              name,
              "has a quotation mark without a second one in line " + number + " of the sheet");
        }
        words.add(line.substring(c == '"' ? at + 1 : at, end));
        at = end + 1;
      }
    }
    return words;
  }

  private static int end(String line, int start) {
    int at = start;
    while (at < line.length() && !isBlank(line.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\f' || c == END_OF_FILE;
  }
}
