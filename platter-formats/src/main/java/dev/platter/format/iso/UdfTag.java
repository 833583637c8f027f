package dev.platter.format.iso;

import dev.platter.io.Storage;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// What every descriptor of UDF begins with (ECMA-167, part 3, section 7.2).
///
/// @param type what the descriptor is (Tag Identifier)
/// @param version 2 or 3 (Descriptor Version)
/// @param checksum sum of the tag's other bytes (Tag Checksum)
/// @param reserved nothing
/// @param serial which of several sets it belongs to (Tag Serial Number)
/// @param crc of what follows (Descriptor CRC)
/// @param crcLength how much of it (Descriptor CRC Length)
/// @param location its block (Tag Location)
record UdfTag(
    int type,
    int version,
    int checksum,
    int reserved,
    int serial,
    int crc,
    int crcLength,
    long location) {
  static final int PRIMARY = 1;
  static final int ANCHOR = 2;
  static final int LOGICAL = 6;
  static final int TERMINATOR = 8;

  static final Struct<UdfTag> STRUCT =
      Struct.littleEndian("tag", new UdfTag(0, 0, 0, 0, 0, 0, 0, 0), UdfTag::fields);

  private static UdfTag fields(Fields f, UdfTag t) {
    return new UdfTag(
        f.u16("type", t.type),
        f.u16("version", t.version),
        f.u8("checksum", t.checksum),
        f.u8("reserved", t.reserved),
        f.u16("serial", t.serial),
        f.u16("crc", t.crc),
        f.u16("crcLength", t.crcLength),
        f.u32("location", t.location));
  }

  static UdfTag read(Storage storage, long block) throws IOException {
    return STRUCT.read(storage, block * IsoVolumes.BLOCK);
  }

  /// Whether this is a descriptor at all, and the one of this block.
  boolean valid(long block) {
    byte[] bytes = STRUCT.encode(this);
    int sum = 0;
    for (int at = 0; at < bytes.length; at++) {
      sum += at == 4 ? 0 : bytes[at] & 0xff;
    }
    return type != 0 && location == block && (sum & 0xff) == checksum;
  }

  /// Whether what follows the tag is as it was written. More than a block is not looked at.
  boolean intact(Storage storage, long block) throws IOException {
    if (crcLength > IsoVolumes.BLOCK - STRUCT.size()) {
      return false;
    }
    byte[] body = new byte[crcLength];
    long position = block * IsoVolumes.BLOCK + STRUCT.size();
    if (position + crcLength > storage.size()) {
      return false;
    }
    storage.read(position, MemorySegment.ofArray(body));
    return crc(body) == crc;
  }

  /// The CRC of CCITT with the polynomial 0x1021 (ECMA-167, part 1, section 7.2.6).
  private static int crc(byte[] bytes) {
    int crc = 0;
    for (byte b : bytes) {
      crc ^= (b & 0xff) << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : crc << 1 ^ 0x1021;
      }
    }
    return crc & 0xffff;
  }
}
