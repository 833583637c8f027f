package dev.platter.format.qed;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Storage;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The header.
///
/// @param signature `QED` and a zero (`magic`)
/// @param clusterSize bytes of a cluster (`cluster_size`)
/// @param tableSize clusters of a table (`table_size`)
/// @param headerSize clusters that the header has (`header_size`)
/// @param features what a reader must know (`features`)
/// @param compatFeatures what a reader need not know (`compat_features`)
/// @param autoclearFeatures what a writer clears unless it knows (`autoclear_features`)
/// @param tablePosition where the L1 table is (`l1_table_offset`)
/// @param size bytes of the disk (`image_size`)
/// @param backingPosition where the parent's name is (`backing_filename_offset`)
/// @param backingLength bytes of the name (`backing_filename_size`)
record QedHeader(
    long signature,
    long clusterSize,
    long tableSize,
    long headerSize,
    long features,
    long compatFeatures,
    long autoclearFeatures,
    long tablePosition,
    long size,
    long backingPosition,
    long backingLength) {

  static final long SIGNATURE = 0x0044_4551;

  /// Has a parent.
  static final long BACKING = 1;

  /// Was changed and not closed.
  static final long NEED_CHECK = 2;

  /// The parent is a raw image, whatever it looks like.
  static final long RAW_BACKING = 4;

  static final long KNOWN = BACKING | NEED_CHECK | RAW_BACKING;

  static final long SMALLEST_CLUSTER = 4 << 10;
  static final long LARGEST_CLUSTER = 64 << 20;
  static final long LARGEST_TABLE = 16;

  /// What QEMU has room for.
  static final int LONGEST_NAME = 4095;

  static final Struct<QedHeader> STRUCT =
      Struct.littleEndian(
          "header", new QedHeader(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), QedHeader::fields);

  private static QedHeader fields(Fields f, QedHeader h) {
    return new QedHeader(
        f.u32("signature", h.signature),
        f.u32("clusterSize", h.clusterSize),
        f.u32("tableSize", h.tableSize),
        f.u32("headerSize", h.headerSize),
        f.u64("features", h.features),
        f.u64("compatFeatures", h.compatFeatures),
        f.u64("autoclearFeatures", h.autoclearFeatures),
        f.u64("tablePosition", h.tablePosition),
        f.u64("size", h.size),
        f.u32("backingPosition", h.backingPosition),
        f.u32("backingLength", h.backingLength));
  }

  /// The same with another parent.
  QedHeader on(long newFeatures, long namePosition, long nameLength) {
    return new QedHeader(
        signature,
        clusterSize,
        tableSize,
        headerSize,
        newFeatures,
        compatFeatures,
        autoclearFeatures,
        tablePosition,
        size,
        namePosition,
        nameLength);
  }

  boolean has(long feature) {
    return (features & feature) != 0;
  }

  /// Entries of a table.
  int entries() {
    return (int) (tableBytes() / Long.BYTES);
  }

  long tableBytes() {
    return tableSize * clusterSize;
  }

  /// Where the first cluster is that may be given out.
  long headerEnd() {
    return headerSize * clusterSize;
  }

  /// The position rounded up to whole clusters.
  long up(long position) {
    return (position + clusterSize - 1) & -clusterSize;
  }

  /// Reads and judges a header.
  static QedHeader read(Storage storage, Limits limits, Purpose purpose) throws IOException {
    if (storage.size() < STRUCT.size()) {
      throw new ImageException.Corrupt(
          storage.name(), "has " + storage.size() + " bytes, a QED header has " + STRUCT.size());
    }
    QedHeader header = STRUCT.read(storage, 0);
    header.check(storage, limits, purpose);
    return header;
  }

  private void check(Storage storage, Limits limits, Purpose purpose) throws IOException {
    String file = storage.name();
    require(signature == SIGNATURE, file, "signature", signature, "0x444551");
    require(
        power(clusterSize, SMALLEST_CLUSTER, LARGEST_CLUSTER),
        file,
        "clusterSize",
        clusterSize,
        "a power of two from 4096 to 64 MiB");
    require(power(tableSize, 1, LARGEST_TABLE), file, "tableSize", tableSize, "1, 2, 4, 8 or 16");
    long unknown = features & ~KNOWN;
    if (unknown != 0 && purpose != Purpose.INFO) {
      throw new ImageException.Unsupported(
          file,
          "header field features at "
              + STRUCT.offset("features")
              + " has "
              + bits(unknown)
              + ", known are 0 (backing file), 1 (need check) and 2 (raw backing file)");
    }
    checkPlaces(file, storage.size(), limits);
  }

  private void checkPlaces(String file, long fileSize, Limits limits) throws ImageException {
    require(
        headerSize >= 1 && headerEnd() <= up(fileSize),
        file,
        "headerSize",
        headerSize,
        "clusters inside the file of " + fileSize + " bytes");
    Limits.check(file, "bytes of the L1 table", tableBytes(), limits.tables());
    require(
        tablePosition >= headerEnd()
            && tablePosition % clusterSize == 0
            && tablePosition <= fileSize - tableBytes(),
        file,
        "tablePosition",
        tablePosition,
        "a multiple of the cluster size, with " + tableBytes() + " bytes behind it in the file");
    int spanBits =
        2 * Long.numberOfTrailingZeros(entries()) + Long.numberOfTrailingZeros(clusterSize);
    long most = spanBits < 63 ? 1L << spanBits : Long.MAX_VALUE - 2 * LARGEST_CLUSTER;
    require(
        size >= 0 && size <= most && size % 512 == 0,
        file,
        "size",
        size,
        "a multiple of 512 up to " + most);
    if (has(BACKING)) {
      require(
          backingLength >= 1 && backingLength <= LONGEST_NAME,
          file,
          "backingLength",
          backingLength,
          "1 to " + LONGEST_NAME);
      require(
          backingPosition >= STRUCT.size()
              && backingPosition + backingLength <= Math.min(headerEnd(), fileSize),
          file,
          "backingPosition",
          backingPosition,
          "a place in the header's " + headerEnd() + " bytes");
    }
  }

  /// The numbers of bits.
  static String bits(long mask) {
    var text = new StringBuilder();
    for (int bit = 0; bit < Long.SIZE; bit++) {
      if ((mask >>> bit & 1) != 0) {
        text.append(text.isEmpty() ? "bit " : ", ").append(bit);
      }
    }
    return text.toString();
  }

  static boolean power(long value, long least, long most) {
    return value >= least && value <= most && Long.bitCount(value) == 1;
  }

  private static void require(boolean fine, String file, String field, long value, String expected)
      throws ImageException.Corrupt {
    if (!fine) {
      throw new ImageException.Corrupt(
          file,
          "QED header field "
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
  static byte[] name(Storage storage, QedHeader header) throws IOException {
    byte[] name = new byte[(int) header.backingLength];
    try {
      storage.read(header.backingPosition, MemorySegment.ofArray(name));
    } catch (EOFException _) {
      throw new ImageException.Corrupt(
          storage.name(), "ends inside the parent's name at " + header.backingPosition);
    }
    return name;
  }
}
