package dev.platter.format.vhdx;

import java.util.zip.CRC32C;

/// The CRC-32C that headers, region tables and log entries have in their bytes 4 to 7, computed
/// with zeros there.
final class VhdxChecksum {
  private static final byte[] ABSENT = new byte[4];

  private VhdxChecksum() {}

  /// Starts the checksum of a structure with its first bytes.
  static CRC32C start(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes, 0, 4);
    crc.update(ABSENT);
    crc.update(bytes, 8, bytes.length - 8);
    return crc;
  }

  /// Whether the checksum in a structure is the right one.
  static boolean fits(byte[] bytes) {
    return start(bytes).getValue() == in(bytes);
  }

  /// The checksum that is in a structure.
  static long in(byte[] bytes) {
    return (bytes[4] & 0xffL)
        | (bytes[5] & 0xffL) << 8
        | (bytes[6] & 0xffL) << 16
        | (bytes[7] & 0xffL) << 24;
  }

  /// Puts the right checksum into a structure.
  static byte[] seal(byte[] bytes) {
    long value = start(bytes).getValue();
    for (int i = 0; i < 4; i++) {
      bytes[4 + i] = (byte) (value >>> (8 * i));
    }
    return bytes;
  }
}
