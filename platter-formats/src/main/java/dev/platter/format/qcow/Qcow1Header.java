package dev.platter.format.qcow;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Storage;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The header.
///
/// @param signature `QFI` and 0xfb (`magic`)
/// @param version 1
/// @param backingPosition where the parent's name is (`backing_file_offset`), 0 if there is none
/// @param backingLength bytes of the name (`backing_file_size`)
/// @param modified when the parent was changed (`mtime`), never used
/// @param size bytes of the disk
/// @param clusterBits log2 of the bytes of a cluster (`cluster_bits`)
/// @param tableBits log2 of the entries of an L2 table (`l2_bits`)
/// @param padding zeros
/// @param encryption 1 if clusters are encrypted with AES (`crypt_method`)
/// @param tablePosition where the L1 table is (`l1_table_offset`)
record Qcow1Header(
    long signature,
    long version,
    long backingPosition,
    long backingLength,
    long modified,
    long size,
    int clusterBits,
    int tableBits,
    int padding,
    long encryption,
    long tablePosition) {

  static final long SIGNATURE = 0x5146_49fb;

  /// What QEMU has room for.
  static final int LONGEST_NAME = 1023;

  static final int LEAST_CLUSTER_BITS = 9;
  static final int MOST_CLUSTER_BITS = 16;
  static final int LEAST_TABLE_BITS = 6;
  static final int MOST_TABLE_BITS = 13;

  /// Bytes of the longest L1 table that QEMU reads.
  static final long LONGEST_TABLE = Integer.MAX_VALUE & -8;

  /// Far from where sums overflow.
  static final long LARGEST_DISK = 1L << 60;

  static final Struct<Qcow1Header> STRUCT =
      Struct.bigEndian(
          "header", new Qcow1Header(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), Qcow1Header::fields);

  private static Qcow1Header fields(Fields f, Qcow1Header h) {
    return new Qcow1Header(
        f.u32("signature", h.signature),
        f.u32("version", h.version),
        f.u64("backingPosition", h.backingPosition),
        f.u32("backingLength", h.backingLength),
        f.u32("modified", h.modified),
        f.u64("size", h.size),
        f.u8("clusterBits", h.clusterBits),
        f.u8("tableBits", h.tableBits),
        f.u16("padding", h.padding),
        f.u32("encryption", h.encryption),
        f.u64("tablePosition", h.tablePosition));
  }

  /// The same with another parent's name.
  Qcow1Header on(long namePosition, long nameLength) {
    return new Qcow1Header(
        signature,
        version,
        namePosition,
        nameLength,
        modified,
        size,
        clusterBits,
        tableBits,
        padding,
        encryption,
        tablePosition);
  }

  int clusterSize() {
    return 1 << clusterBits;
  }

  /// Entries of an L2 table.
  int entries() {
    return 1 << tableBits;
  }

  /// Entries of the L1 table.
  long tables() {
    int bits = clusterBits + tableBits;
    return (size + (1L << bits) - 1) >> bits;
  }

  /// Where the L1 table ends.
  long tableEnd() {
    return tablePosition + Long.BYTES * tables();
  }

  boolean hasBacking() {
    return backingPosition != 0 && backingLength != 0;
  }

  /// The position rounded up to whole clusters.
  long up(long position) {
    return (position + clusterSize() - 1) & -clusterSize();
  }

  /// Reads and judges a header.
  static Qcow1Header read(Storage storage, Limits limits, Purpose purpose) throws IOException {
    if (storage.size() < STRUCT.size()) {
      throw new ImageException.Corrupt(
          storage.name(), "has " + storage.size() + " bytes, a QCOW header has " + STRUCT.size());
    }
    Qcow1Header header = STRUCT.read(storage, 0);
    header.check(storage, limits, purpose);
    return header;
  }

  private void check(Storage storage, Limits limits, Purpose purpose) throws IOException {
    String file = storage.name();
    require(signature == SIGNATURE, file, "signature", signature, "0x514649fb");
    require(version == 1, file, "version", version, "1");
    require(
        clusterBits >= LEAST_CLUSTER_BITS && clusterBits <= MOST_CLUSTER_BITS,
        file,
        "clusterBits",
        clusterBits,
        "9 to 16");
    require(
        tableBits >= LEAST_TABLE_BITS && tableBits <= MOST_TABLE_BITS,
        file,
        "tableBits",
        tableBits,
        "6 to 13");
    require(size >= 2 && size <= LARGEST_DISK, file, "size", size, "2 to " + LARGEST_DISK);
    long fileSize = storage.size();
    Limits.check(file, "bytes of the L1 table", Long.BYTES * tables(), limits.tables());
    require(
        tablePosition >= STRUCT.size()
            && tablePosition % Long.BYTES == 0
            && tablePosition <= fileSize - Long.BYTES * tables(),
        file,
        "tablePosition",
        tablePosition,
        "a multiple of 8, with "
            + Long.BYTES * tables()
            + " bytes behind it in the file of "
            + fileSize);
    if (hasBacking()) {
      checkBacking(file, fileSize);
    }
    if (purpose != Purpose.INFO && encryption > 1) {
      throw new ImageException.Unsupported(
          file,
          "header field encryption at "
              + STRUCT.offset("encryption")
              + " is "
              + encryption
              + ", known are 0 (none) and 1 (AES)");
    }
  }

  private void checkBacking(String file, long fileSize) throws ImageException {
    require(
        backingLength <= LONGEST_NAME,
        file,
        "backingLength",
        backingLength,
        "at most " + LONGEST_NAME);
    require(
        backingPosition >= STRUCT.size()
            && backingPosition <= fileSize - backingLength
            && (backingPosition >= tableEnd() || backingPosition + backingLength <= tablePosition),
        file,
        "backingPosition",
        backingPosition,
        "a place behind the header, in the file, beside the L1 table");
  }

  private static void require(boolean fine, String file, String field, long value, String expected)
      throws ImageException.Corrupt {
    if (!fine) {
      throw new ImageException.Corrupt(
          file,
          "QCOW header field "
              + field
              + " at "
              + STRUCT.offset(field)
              + " is "
              + Long.toUnsignedString(value)
              + ", expected "
              + expected);
    }
  }

  /// The parent's name as it is in a file.
  byte[] backing(Storage storage) throws IOException {
    byte[] name = new byte[(int) backingLength];
    storage.read(backingPosition, MemorySegment.ofArray(name));
    return name;
  }
}
