package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;

/// The part of a space-efficient sparse extent's header that does not change. Positions are counted
/// in sectors.
record SeSparseHeader(
    long magic,
    long version,
    long capacity,
    long grainSize,
    long tableSize,
    long flags,
    Bytes reserved,
    long volatileOffset,
    long volatileSize,
    long journalHeaderOffset,
    long journalHeaderSize,
    long journalOffset,
    long journalSize,
    long directoryOffset,
    long directorySize,
    long tablesOffset,
    long tablesSize,
    long bitmapOffset,
    long bitmapSize,
    long backmapOffset,
    long backmapSize,
    long grainsOffset,
    long grainsSize) {
  static final long MAGIC = 0xcafe_babeL;
  private static final long VERSION = 0x2_0000_0001L;
  private static final long GRAIN = 8;
  private static final long TABLE = 64;

  static final Struct<SeSparseHeader> STRUCT =
      Struct.littleEndian(
          "SESparse header",
          new SeSparseHeader(
              0, 0, 0, 0, 0, 0, Bytes.zeros(32), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
          SeSparseHeader::fields);

  private static SeSparseHeader fields(Fields f, SeSparseHeader h) {
    return new SeSparseHeader(
        f.u64("magic", h.magic),
        f.u64("version", h.version),
        f.u64("capacity", h.capacity),
        f.u64("grainSize", h.grainSize),
        f.u64("tableSize", h.tableSize),
        f.u64("flags", h.flags),
        f.reserved(32, h.reserved),
        f.u64("volatileOffset", h.volatileOffset),
        f.u64("volatileSize", h.volatileSize),
        f.u64("journalHeaderOffset", h.journalHeaderOffset),
        f.u64("journalHeaderSize", h.journalHeaderSize),
        f.u64("journalOffset", h.journalOffset),
        f.u64("journalSize", h.journalSize),
        f.u64("directoryOffset", h.directoryOffset),
        f.u64("directorySize", h.directorySize),
        f.u64("tablesOffset", h.tablesOffset),
        f.u64("tablesSize", h.tablesSize),
        f.u64("bitmapOffset", h.bitmapOffset),
        f.u64("bitmapSize", h.bitmapSize),
        f.u64("backmapOffset", h.backmapOffset),
        f.u64("backmapSize", h.backmapSize),
        f.u64("grainsOffset", h.grainsOffset),
        f.u64("grainsSize", h.grainsSize));
  }

  /// The part that changes.
  ///
  /// @param replay not 0 if the journal has changes that are not in the tables
  record State(long magic, long freeTable, long nextSequence, long replay) {
    static final long MAGIC = 0xcafe_cafeL;
    static final Struct<State> STRUCT =
        Struct.littleEndian("SESparse state", new State(0, 0, 0, 0), State::fields);

    private static State fields(Fields f, State s) {
      return new State(
          f.u64("magic", s.magic),
          f.u64("freeTable", s.freeTable),
          f.u64("nextSequence", s.nextSequence),
          f.u64("replay", s.replay));
    }
  }

  /// Refuses what makes no sense, and what only a writer of the format could settle.
  SeSparseHeader checked(Storage storage) throws IOException {
    if (version != VERSION || grainSize != GRAIN || tableSize != TABLE || flags != 0) {
      throw new ImageException.Unsupported(
          storage.name(),
          "is an SESparse extent of version 0x"
              + Long.toHexString(version)
              + " with grains of "
              + grainSize
              + " and tables of "
              + tableSize
              + " sectors and flags 0x"
              + Long.toHexString(flags)
              + ", known are 0x200000001, 8, 64 and 0");
    }
    long sectors = storage.size() / SparseHeader.SECTOR;
    long[] ends = {
      capacity, directoryOffset, directorySize, tablesOffset, grainsOffset, volatileOffset
    };
    for (long end : ends) {
      if (end < 0 || end >= 1L << 54) {
        throw new ImageException.Corrupt(
            storage.name(), "has " + Long.toUnsignedString(end) + " in its SESparse header");
      }
    }
    if (directoryOffset + directorySize > sectors || volatileOffset >= sectors) {
      throw new ImageException.Corrupt(
          storage.name(),
          "its grain directory at sector " + directoryOffset + " is not in the file");
    }
    State state = State.STRUCT.read(storage, volatileOffset * SparseHeader.SECTOR);
    if (state.magic != State.MAGIC || state.replay != 0) {
      throw new ImageException.Unsupported(
          storage.name(), "has a journal that must be replayed by the program that wrote it");
    }
    return this;
  }
}
