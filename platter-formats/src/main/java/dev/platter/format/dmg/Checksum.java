package dev.platter.format.dmg;

import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import java.nio.ByteBuffer;

/// A checksum as it is stored.
///
/// @param type which one
/// @param bits how many of `value` are used
/// @param value its bytes, the highest first
record Checksum(long type, long bits, Bytes value) {
  /// There is none.
  static final Checksum NONE = new Checksum(0, 0, Bytes.zeros(128));

  private static final long NO_TYPE = 0;
  private static final long CRC32 = 2;
  private static final int LENGTH = 128;

  static Checksum fields(Fields f, String of, Checksum c) {
    return new Checksum(
        f.u32(of + "Type", c.type), f.u32(of + "Bits", c.bits), f.bytes(of, LENGTH, c.value));
  }

  /// A CRC-32.
  static Checksum crc32(long crc) {
    byte[] value = new byte[LENGTH];
    ByteBuffer.wrap(value).putInt((int) crc);
    return new Checksum(CRC32, 32, Bytes.of(value));
  }

  boolean isCrc32() {
    return type == CRC32;
  }

  /// The first four bytes.
  long crc() {
    return ByteBuffer.wrap(value.toArray()).getInt() & 0xffff_ffffL;
  }

  /// What it is called.
  String label() {
    return type == NO_TYPE ? "none" : type == CRC32 ? "CRC-32" : "type " + type;
  }
}
