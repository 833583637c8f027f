package dev.platter.format.plist;

import dev.platter.struct.Bytes;
import java.util.Arrays;
import java.util.Optional;

/// Base64 (RFC 4648, section 4) with space anywhere, as property lists have it.
final class Base64Text {
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  private static final byte SPACE = -2;
  private static final byte BAD = -1;
  private static final byte PAD = -3;
  private static final byte[] MEANING = meaning();

  private Base64Text() {}

  private static byte[] meaning() {
    byte[] meaning = new byte[256];
    Arrays.fill(meaning, BAD);
    for (int digit = 0; digit < ALPHABET.length(); digit++) {
      meaning[ALPHABET.charAt(digit)] = (byte) digit;
    }
    for (char space : " \t\r\n".toCharArray()) {
      meaning[space] = SPACE;
    }
    meaning['='] = PAD;
    return meaning;
  }

  /// The bytes that a part of a text stands for, if it is base64.
  static Optional<Bytes> decode(byte[] text, int from, int end) {
    byte[] bytes = new byte[(int) ((end - from) / 4 * 3L + 3)];
    int count = 0;
    int word = 0;
    int digits = 0;
    int pads = 0;
    for (int at = from; at < end; at++) {
      int digit = MEANING[text[at] & 0xff];
      if (digit == SPACE) {
        continue;
      }
      if (digit == PAD && digits % 4 >= 2) {
        pads++;
        continue;
      }
      if (digit < 0 || pads > 0) {
        return Optional.empty();
      }
      word = word << 6 | digit;
      if (++digits % 4 == 0) {
        bytes[count++] = (byte) (word >> 16);
        bytes[count++] = (byte) (word >> 8);
        bytes[count++] = (byte) word;
      }
    }
    int rest = digits % 4;
    if (rest == 1 || pads != (4 - rest) % 4) {
      return Optional.empty();
    }
    for (int left = 1; left < rest; left++) {
      bytes[count++] = (byte) ((word << (6 * (4 - rest))) >> (8 * (3 - left)));
    }
    return Optional.of(Bytes.of(Arrays.copyOf(bytes, count)));
  }
}
