package dev.platter.format.vhdx;

import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.util.SequencedMap;

/// The start of a log entry: a header; descriptors follow, and a sector for each that has data.
///
/// @param signature `loge`
/// @param checksum over the whole entry
/// @param length bytes of the entry, whole sectors, `EntryLength`
/// @param tail where in the log the oldest entry starts that is still needed
/// @param sequence one more than the entry before it
/// @param count how many descriptors there are
/// @param reserved 0
/// @param log the header's GUID of the log
/// @param flushed the file has been this long before the entry was written, `FlushedFileOffset`
/// @param last the file must be this long for what the entry says, `LastFileOffset`
record VhdxLogEntry(
    long signature,
    long checksum,
    long length,
    long tail,
    long sequence,
    long count,
    long reserved,
    Bytes log,
    long flushed,
    long last) {
  static final long SIGNATURE = 0x6567_6f6c;
  static final int SECTOR = 4096;

  static final Struct<VhdxLogEntry> STRUCT =
      Struct.littleEndian(
          "log entry",
          new VhdxLogEntry(0, 0, 0, 0, 0, 0, 0, VhdxHeader.NO_GUID, 0, 0),
          VhdxLogEntry::fields);

  /// Descriptors that have room beside the header.
  static final int IN_FIRST_SECTOR = (SECTOR - 64) / 32;

  private static VhdxLogEntry fields(Fields f, VhdxLogEntry v) {
    return new VhdxLogEntry(
        f.u32("signature", v.signature),
        f.u32("checksum", v.checksum),
        f.u32("length", v.length),
        f.u32("tail", v.tail),
        f.u64("sequence", v.sequence),
        f.u32("count", v.count),
        f.u32("reserved", v.reserved),
        f.bytes("log", 16, v.log),
        f.u64("flushed", v.flushed),
        f.u64("last", v.last));
  }

  /// Sectors of the header and the descriptors.
  long descriptorSectors() {
    return (64 + 32 * count + SECTOR - 1) / SECTOR;
  }

  /// Says what becomes of a sector, or of a run of zeros.
  ///
  /// @param signature `desc` or `zero`
  /// @param trailing the sector's last four bytes
  /// @param leading the sector's first eight bytes, or how many bytes become zeros
  /// @param position where in the file
  /// @param sequence the entry's
  record Descriptor(long signature, long trailing, long leading, long position, long sequence) {
    static final long DATA = 0x6373_6564;
    static final long ZERO = 0x6f72_657a;

    static final Struct<Descriptor> STRUCT =
        Struct.littleEndian("descriptor", new Descriptor(0, 0, 0, 0, 0), Descriptor::fields);

    private static Descriptor fields(Fields f, Descriptor v) {
      return new Descriptor(
          f.u32("signature", v.signature),
          f.u32("trailing", v.trailing),
          f.u64("leading", v.leading),
          f.u64("position", v.position),
          f.u64("sequence", v.sequence));
    }

    boolean isData() {
      return signature == DATA;
    }

    /// Bytes of the file that change.
    long length() {
      return isData() ? SECTOR : leading;
    }
  }

  /// A sector of data without its first eight bytes and its last four, which the descriptor has.
  ///
  /// @param signature `data`
  /// @param sequenceHigh the upper half of the entry's sequence number
  /// @param bytes the sector's bytes 8 to 4091
  /// @param sequenceLow the lower half
  record Data(long signature, long sequenceHigh, Bytes bytes, long sequenceLow) {
    static final long SIGNATURE = 0x6174_6164;

    static final Struct<Data> STRUCT =
        Struct.littleEndian("data sector", new Data(0, 0, Bytes.zeros(4084), 0), Data::fields);

    private static Data fields(Fields f, Data v) {
      return new Data(
          f.u32("signature", v.signature),
          f.u32("sequenceHigh", v.sequenceHigh),
          f.bytes("bytes", 4084, v.bytes),
          f.u32("sequenceLow", v.sequenceLow));
    }

    long sequence() {
      return sequenceHigh << 32 | sequenceLow;
    }
  }

  /// An entry's bytes that replaces sectors of the file.
  ///
  /// @param start the entry's own place in the log: it needs no older one
  /// @param sectors at most [#IN_FIRST_SECTOR], by position
  /// @param fileSize bytes that the file has on disk
  static byte[] encode(
      Bytes log, long start, long sequence, SequencedMap<Long, byte[]> sectors, long fileSize) {
    byte[] entry = new byte[(1 + sectors.size()) * SECTOR];
    var head =
        new VhdxLogEntry(
            SIGNATURE,
            0,
            entry.length,
            start,
            sequence,
            sectors.size(),
            0,
            log,
            fileSize,
            fileSize);
    put(entry, 0, STRUCT.encode(head));
    int number = 0;
    for (var sector : sectors.entrySet()) {
      byte[] bytes = sector.getValue();
      long leading = little(bytes, 0, 8);
      long trailing = little(bytes, SECTOR - 4, 4);
      var descriptor =
          new Descriptor(Descriptor.DATA, trailing, leading, sector.getKey(), sequence);
      put(entry, 64 + 32 * number++, Descriptor.STRUCT.encode(descriptor));
      int at = number * SECTOR;
      System.arraycopy(bytes, 8, entry, at + 8, 4084);
      putLittle(entry, at, Data.SIGNATURE);
      putLittle(entry, at + 4, sequence >>> 32);
      putLittle(entry, at + SECTOR - 4, sequence);
    }
    return VhdxChecksum.seal(entry);
  }

  private static void put(byte[] target, int at, byte[] bytes) {
    System.arraycopy(bytes, 0, target, at, bytes.length);
  }

  private static long little(byte[] bytes, int at, int length) {
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }

  /// Writes the four lower bytes of a number.
  static void putLittle(byte[] target, int at, long value) {
    for (int i = 0; i < 4; i++) {
      target[at + i] = (byte) (value >>> (8 * i));
    }
  }
}
