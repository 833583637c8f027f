package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.util.Set;

/// The header of a sparse extent as ESX writes it (COWD): tables of 4096 entries, no second
/// directory. Positions are counted in sectors.
///
/// @param origin geometry of a base, or the parent's name and generation
record CowdHeader(
    long magic,
    long version,
    long flags,
    long capacity,
    long grainSize,
    long directoryOffset,
    long directoryEntries,
    long freeSector,
    Bytes origin,
    long generation,
    Bytes name,
    Bytes description,
    long savedGeneration,
    Bytes reserved,
    long unclean,
    Bytes padding)
    implements SparseHead {
  static final long MAGIC = 0x4457_4f43L;
  static final int ENTRIES = 4096;
  static final int HEADER_SECTORS = 4;
  private static final int FLAGS = 3;

  static final Struct<CowdHeader> STRUCT =
      Struct.littleEndian(
          "COWD header",
          new CowdHeader(
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              Bytes.zeros(1028),
              0,
              Bytes.zeros(60),
              Bytes.zeros(512),
              0,
              Bytes.zeros(8),
              0,
              Bytes.zeros(396)),
          CowdHeader::fields);

  private static CowdHeader fields(Fields f, CowdHeader h) {
    return new CowdHeader(
        f.u32("magic", h.magic),
        f.u32("version", h.version),
        f.u32("flags", h.flags),
        f.u32("capacity", h.capacity),
        f.u32("grainSize", h.grainSize),
        f.u32("directoryOffset", h.directoryOffset),
        f.u32("directoryEntries", h.directoryEntries),
        f.u32("freeSector", h.freeSector),
        f.bytes("origin", 1028, h.origin),
        f.u32("generation", h.generation),
        f.bytes("name", 60, h.name),
        f.bytes("description", 512, h.description),
        f.u32("savedGeneration", h.savedGeneration),
        f.reserved(8, h.reserved),
        f.u32("unclean", h.unclean),
        f.bytes("padding", 396, h.padding));
  }

  /// A new extent's header.
  ///
  /// @param free the sector from which on all is free
  static CowdHeader of(long capacity, long grainSize, long tables, long free) {
    return new CowdHeader(
        MAGIC,
        1,
        FLAGS,
        capacity,
        grainSize,
        HEADER_SECTORS,
        tables,
        free,
        Bytes.zeros(1028),
        0,
        Bytes.zeros(60),
        Bytes.zeros(512),
        0,
        Bytes.zeros(8),
        0,
        Bytes.zeros(396));
  }

  /// Refuses what makes no sense.
  CowdHeader checked(Storage storage) throws ImageException {
    if (version != 1) {
      throw new ImageException.Unsupported(
          storage.name(), "is a COWD extent of version " + version + ", known is 1");
    }
    if (Long.bitCount(grainSize) != 1 || grainSize > 1 << 20) {
      throw bad(storage, "grainSize", grainSize, "a power of two up to 2^20");
    }
    long tables = layout().tables();
    if (directoryEntries < tables) {
      throw bad(storage, "directoryEntries", directoryEntries, "at least " + tables);
    }
    return this;
  }

  private static ImageException bad(Storage storage, String field, long value, String expected) {
    return new ImageException.Corrupt(
        storage.name(),
        "COWD header field "
            + field
            + " at "
            + STRUCT.offset(field)
            + " is "
            + value
            + ", expected "
            + expected);
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
    return HEADER_SECTORS * SparseHeader.SECTOR;
  }

  @Override
  public long descriptorEnd() {
    return 0;
  }

  @Override
  public int freePosition() {
    return STRUCT.offset("freeSector");
  }

  @Override
  public GrainLayout layout() {
    int sector = SparseHeader.SECTOR;
    return new GrainLayout(
        capacity * sector,
        (int) (grainSize * sector),
        ENTRIES,
        directoryOffset,
        0,
        HEADER_SECTORS,
        Set.of());
  }
}
