package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Set;

/// The first sector of a sparse extent as VMware's desktop products write it. Positions are counted
/// in sectors.
///
/// @param directoryOffset the sector of the grain directory, [#AT_END] if a footer says it
/// @param unclean not 0 while the extent is open for writing
/// @param newlines a line feed, a blank and both line ends, spoilt where a file was copied as text
record SparseHeader(
    long magic,
    long version,
    long flags,
    long capacity,
    long grainSize,
    long descriptorOffset,
    long descriptorSize,
    long entriesPerTable,
    long redundantOffset,
    long directoryOffset,
    long overhead,
    int unclean,
    Bytes newlines,
    int compression,
    Bytes padding)
    implements SparseHead {
  static final int SECTOR = 512;
  static final long MAGIC = 0x564d_444bL;
  static final long AT_END = -1;
  static final long NEWLINES_VALID = 1;
  static final long REDUNDANT = 2;
  static final long ZERO_MARK = 4;
  static final long COMPRESSED = 1 << 16;
  static final long MARKERS = 1 << 17;
  static final int DEFLATE = 1;
  static final Bytes NEWLINES = Bytes.of((byte) '\n', (byte) ' ', (byte) '\r', (byte) '\n');

  private static final int PADDING = 433;

  /// Sectors behind a footer that are looked at, as some writers leave a few zeros there.
  private static final int BEHIND_FOOTER = 16;

  static final Struct<SparseHeader> STRUCT =
      Struct.littleEndian(
          "sparse header",
          new SparseHeader(
              0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Bytes.zeros(4), 0, Bytes.zeros(PADDING)),
          SparseHeader::fields);

  private static SparseHeader fields(Fields f, SparseHeader h) {
    return new SparseHeader(
        f.u32("magic", h.magic),
        f.u32("version", h.version),
        f.u32("flags", h.flags),
        f.u64("capacity", h.capacity),
        f.u64("grainSize", h.grainSize),
        f.u64("descriptorOffset", h.descriptorOffset),
        f.u64("descriptorSize", h.descriptorSize),
        f.u32("entriesPerTable", h.entriesPerTable),
        f.u64("redundantOffset", h.redundantOffset),
        f.u64("directoryOffset", h.directoryOffset),
        f.u64("overhead", h.overhead),
        f.u8("unclean", h.unclean),
        f.bytes("newlines", 4, h.newlines),
        f.u16("compression", h.compression),
        f.reserved(PADDING, h.padding));
  }

  /// A new extent's header.
  static SparseHeader of(long version, long flags, long capacity, long grainSize) {
    return new SparseHeader(
        MAGIC,
        version,
        flags | NEWLINES_VALID,
        capacity,
        grainSize,
        0,
        0,
        VmdkLayout.ENTRIES,
        0,
        0,
        0,
        0,
        NEWLINES,
        (flags & COMPRESSED) != 0 ? DEFLATE : 0,
        Bytes.zeros(PADDING));
  }

  /// The same with places.
  SparseHeader placed(long descriptor, long redundant, long directory, long data) {
    return new SparseHeader(
        magic,
        version,
        flags,
        capacity,
        grainSize,
        descriptor > 0 ? 1 : 0,
        descriptor,
        entriesPerTable,
        redundant,
        directory,
        data,
        unclean,
        newlines,
        compression,
        padding);
  }

  /// Reads the header that counts: the footer where the first sector says so.
  static SparseHeader read(Storage storage) throws IOException {
    SparseHeader first = STRUCT.read(storage, 0);
    if (first.directoryOffset != AT_END) {
      return first;
    }
    return STRUCT.read(storage, footer(storage));
  }

  /// Where the footer is.
  static long footer(Storage storage) throws IOException {
    return findFooter(storage)
        .orElseThrow(() ->
            new ImageException.Corrupt(
                storage.name(),
                "says that its grain directory is at the end, and has no footer in the last "
                    + BEHIND_FOOTER
                    + " sectors"));
  }

  /// Where the footer is, if there is one.
  static OptionalLong findFooter(Storage storage) throws IOException {
    long end = storage.size() & -SECTOR;
    for (int back = 1; back <= BEHIND_FOOTER; back++) {
      long position = end - (long) back * SECTOR;
      if (position < SECTOR) {
        break;
      }
      SparseHeader found = STRUCT.read(storage, position);
      if (found.magic == MAGIC && found.directoryOffset != AT_END) {
        return OptionalLong.of(position);
      }
    }
    return OptionalLong.empty();
  }

  @Override
  public boolean dirty() {
    return unclean != 0;
  }

  @Override
  public int dirtyPosition() {
    return STRUCT.offset("unclean");
  }

  @Override
  public int headBytes() {
    return SECTOR;
  }

  @Override
  public long descriptorEnd() {
    long end = descriptorOffset + descriptorSize;
    boolean sane = descriptorSize > 0 && end > 0 && end <= 1L << 40;
    return sane ? end * SECTOR : 0;
  }

  /// Refuses what makes no sense; the places of the directories are judged where they are used.
  SparseHeader checked(Storage storage) throws ImageException {
    require(magic == MAGIC, storage, "magic", magic, "KDMV");
    if (version < 1 || version > 3) {
      throw new ImageException.Unsupported(
          storage.name(), "is a sparse extent of version " + version + ", known are 1 to 3");
    }
    boolean intact = (flags & NEWLINES_VALID) == 0 || newlines.equals(NEWLINES);
    if (!intact) {
      throw new ImageException.Corrupt(
          storage.name(),
          "has "
              + newlines
              + " at 73 instead of 0a200d0a: the file was changed as if it were a text");
    }
    require(capacity >= 0 && capacity < 1L << 54, storage, "capacity", capacity, "below 2^54");
    boolean power = Long.bitCount(grainSize) == 1 && grainSize > 0 && grainSize <= 1 << 20;
    require(power, storage, "grainSize", grainSize, "a power of two up to 2^20");
    boolean entries = Long.bitCount(entriesPerTable) == 1 && entriesPerTable <= 1 << 16;
    require(entries, storage, "entriesPerTable", entriesPerTable, "a power of two up to 65536");
    if (has(COMPRESSED)) {
      require(compression == DEFLATE, storage, "compression", compression, "1");
      require(grainSize <= 1 << 15, storage, "grainSize", grainSize, "up to 2^15 if compressed");
    }
    return this;
  }

  private static void require(
      boolean holds, Storage storage, String field, long value, String expected)
      throws ImageException {
    if (!holds) {
      throw new ImageException.Corrupt(
          storage.name(),
          "header field "
              + field
              + " at "
              + STRUCT.offset(field)
              + " is "
              + Long.toUnsignedString(value)
              + ", expected "
              + expected);
    }
  }

  boolean has(long flag) {
    return (flags & flag) != 0;
  }

  @Override
  public GrainLayout layout() {
    Set<GrainLayout.Feature> features = EnumSet.noneOf(GrainLayout.Feature.class);
    if (has(ZERO_MARK)) {
      features.add(GrainLayout.Feature.ZERO_MARK);
    }
    if (has(COMPRESSED)) {
      features.add(GrainLayout.Feature.COMPRESSED);
    }
    if (has(MARKERS)) {
      features.add(GrainLayout.Feature.MARKERS);
    }
    return new GrainLayout(
        capacity * SECTOR,
        (int) (grainSize * SECTOR),
        (int) entriesPerTable,
        directoryOffset,
        has(REDUNDANT) ? redundantOffset : 0,
        overhead,
        features);
  }
}
