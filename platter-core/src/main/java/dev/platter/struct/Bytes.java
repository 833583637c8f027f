package dev.platter.struct;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/// A value of bytes. Never changes.
public final class Bytes {
  private final byte[] bytes;

  private Bytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /// A copy of an array.
  public static Bytes of(byte... bytes) {
    return new Bytes(bytes.clone());
  }

  /// So many zeros.
  public static Bytes zeros(int length) {
    return new Bytes(new byte[length]);
  }

  /// A text, followed by zeros.
  ///
  /// @throws IllegalArgumentException if it is longer than `length`
  public static Bytes text(String text, int length) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    if (encoded.length > length) {
      throw new IllegalArgumentException(
          "'" + text + "' has " + encoded.length + " bytes, " + length + " fit");
    }
    return new Bytes(Arrays.copyOf(encoded, length));
  }

  /// A UUID with its first three parts little-endian, as Microsoft and VirtualBox store it.
  public static Bytes mixedEndian(UUID uuid) {
    byte[] out = new byte[16];
    long high = uuid.getMostSignificantBits();
    int[] order = {3, 2, 1, 0, 5, 4, 7, 6};
    for (int i = 0; i < 8; i++) {
      out[order[i]] = (byte) (high >>> (56 - 8 * i));
      out[8 + i] = (byte) (uuid.getLeastSignificantBits() >>> (56 - 8 * i));
    }
    return new Bytes(out);
  }

  /// The UUID that [#mixedEndian] wrote.
  public UUID mixedEndian() {
    long high = 0;
    long low = 0;
    int[] order = {3, 2, 1, 0, 5, 4, 7, 6};
    for (int i = 0; i < 8; i++) {
      high = high << 8 | (bytes[order[i]] & 0xff);
      low = low << 8 | (bytes[8 + i] & 0xff);
    }
    return new UUID(high, low);
  }

  /// How many there are.
  public int length() {
    return bytes.length;
  }

  /// Whether all are zero.
  public boolean isZero() {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /// A copy.
  public byte[] toArray() {
    return bytes.clone();
  }

  /// The text up to the first zero byte.
  public String text(Charset charset) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, charset);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /// Hexadecimal digits.
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
