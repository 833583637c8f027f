package dev.platter.format.vhdx;

import dev.platter.image.ImageException;
import dev.platter.image.Mapping;
import dev.platter.io.Overlay;
import dev.platter.io.Storage;
import dev.platter.map.SectorBitmap;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.nio.ByteOrder;

/// The block allocation table and the sector bitmaps. Changes are in memory until [#drainTo].
final class VhdxTables {
  static final int NOT_PRESENT = 0;
  static final int UNDEFINED = 1;
  static final int ZERO = 2;
  static final int UNMAPPED = 3;

  /// The same in version 0.95 of the specification.
  static final int OLD_UNMAPPED = 5;

  static final int FULL = 6;
  static final int PARTIAL = 7;

  private static final int STATE = 7;
  private static final int STAGE = 0;
  private static final int PAGE = 4096;

  private final VhdxFile file;
  private final VhdxDisk disk;
  private final Storage data;
  private final Overlay changes;
  private final TableCache table;
  private final TableCache bitmapPages;
  private final SectorBitmap bitmaps;
  private volatile long knownEnd;

  VhdxTables(VhdxFile file) {
    this.file = file;
    this.disk = file.disk();
    this.data = file.view();
    this.changes = new Overlay(data, 0);
    long memory = file.limits().tableCache() / 2;
    this.table =
        new TableCache(changes, ByteOrder.LITTLE_ENDIAN, file.bat().offset(), PAGE, memory);
    this.bitmapPages = new TableCache(changes, ByteOrder.LITTLE_ENDIAN, 0, PAGE, memory);
    this.bitmaps = new SectorBitmap(bitmapPages, SectorBitmap.Order.LOW_FIRST);
  }

  /// A run that is of one kind: a part of a block, or some blocks of a chunk.
  ///
  /// @param position where its bytes are, if it is [Kind#STORED]
  record Part(Kind kind, long position, long length) {}

  /// What a run is.
  enum Kind {
    STORED,
    ZEROS,
    ABSENT
  }

  /// A block's entry.
  long entry(long block) throws IOException {
    return table.getLong(position(disk.index(block)));
  }

  /// The entry of a chunk's bitmap.
  long bitmapEntry(long chunk) throws IOException {
    return table.getLong(position(disk.bitmapIndex(chunk)));
  }

  /// Where an entry is in the file.
  long position(long index) {
    return file.bat().offset() + 8 * index;
  }

  static int state(long entry) {
    return (int) (entry & STATE);
  }

  /// The position that an entry names; negative if it is 2^63 or more.
  static long place(long entry) {
    return entry & -VhdxFile.MIB;
  }

  /// Whether a state says that a block has bytes in the file.
  static boolean isStored(int state) {
    return state == FULL || state == PARTIAL;
  }

  /// Whether a state says that a block reads as zeros; the specification lets the undefined ones
  /// read as anything.
  static boolean isZeros(int state) {
    return state == UNDEFINED || state == ZERO || state == UNMAPPED || state == OLD_UNMAPPED;
  }

  void set(long block, int state, long place) throws IOException {
    table.setLong(position(disk.index(block)), place | state, STAGE);
  }

  void setBitmap(long chunk, int state, long place) throws IOException {
    table.setLong(position(disk.bitmapIndex(chunk)), place | state, STAGE);
  }

  /// The longest run from `offset` on that is of one kind and in one piece.
  Mapping map(long offset, long length) throws IOException {
    Part first = part(offset, length);
    long run = first.length;
    while (run < length && (offset + run) % disk.blockSize() == 0) {
      Part next = part(offset + run, length - run);
      boolean follows = first.kind != Kind.STORED || next.position == first.position + run;
      if (next.kind != first.kind || !follows) {
        break;
      }
      run += next.length;
    }
    return switch (first.kind) {
      case STORED -> new Mapping.Stored(data, first.position, run);
      case ZEROS -> new Mapping.Zero(run);
      case ABSENT -> new Mapping.Unallocated(run);
    };
  }

  /// How many blocks of a chunk from `block` on, at most `limit`, have the same entry, or stand one
  /// behind the other as a whole.
  long run(long block, long limit) throws IOException {
    long entry = entry(block);
    long inChunk = disk.chunkBlocks() - block % disk.chunkBlocks();
    long step = state(entry) == FULL ? disk.blockSize() : 0;
    return table.countLongs(position(disk.index(block)), Math.min(limit, inChunk), entry, step);
  }

  /// The run that begins at `offset`.
  Part part(long offset, long length) throws IOException {
    long block = offset / disk.blockSize();
    long inBlock = offset % disk.blockSize();
    long entry = entry(block);
    int state = state(entry);
    long wanted = (inBlock + length + disk.blockSize() - 1) / disk.blockSize();
    long blocks = state == PARTIAL ? 1 : run(block, wanted);
    long limit = Math.min(length, blocks * disk.blockSize() - inBlock);
    if (state == NOT_PRESENT) {
      return new Part(Kind.ABSENT, Mapping.NOWHERE, limit);
    } else if (isZeros(state)) {
      return new Part(Kind.ZEROS, Mapping.NOWHERE, limit);
    } else if (state == FULL) {
      return stored(block, entry, inBlock, limit);
    } else if (state == PARTIAL && disk.hasParent()) {
      long bitmap = bitmap(block);
      long run = bits(bitmap, block, inBlock, limit, true);
      return run > 0
          ? stored(block, entry, inBlock, run)
          : new Part(Kind.ABSENT, Mapping.NOWHERE, bits(bitmap, block, inBlock, limit, false));
    }
    throw corrupt(block, entry, "has a state that the image cannot have");
  }

  private Part stored(long block, long entry, long inBlock, long limit) throws IOException {
    long position = place(entry) + inBlock;
    if (place(entry) < VhdxFile.MIB || position + limit > knownEnd) {
      knownEnd = data.size();
      if (place(entry) < VhdxFile.MIB || position >= knownEnd) {
        throw corrupt(block, entry, "is not behind the headers and in a file of " + knownEnd);
      }
    }
    return new Part(Kind.STORED, position, Math.min(limit, knownEnd - position));
  }

  private ImageException corrupt(long block, long entry, String what) {
    return new ImageException.Corrupt(
        data.name(),
        "VHDX block "
            + block
            + " has entry 0x"
            + Long.toHexString(entry)
            + " at "
            + position(disk.index(block))
            + ", which "
            + what);
  }

  /// Bytes from `inBlock` on, at most `limit`, whose sectors have their bits set, or not.
  private long bits(long bitmap, long block, long inBlock, long limit, boolean set)
      throws IOException {
    long sector = disk.logicalSector();
    long first = inBlock / sector;
    long behind = (inBlock + limit + sector - 1) / sector;
    long run = bitmaps.run(bitmap, firstBit(block) + first, behind - first, set);
    return run == 0 ? 0 : Math.min((first + run) * sector - inBlock, limit);
  }

  private long firstBit(long block) {
    return block % disk.chunkBlocks() * (disk.blockSize() / disk.logicalSector());
  }

  /// Where the bitmap of a block's chunk is.
  private long bitmap(long block) throws IOException {
    long chunk = block / disk.chunkBlocks();
    long entry = bitmapEntry(chunk);
    long place = place(entry);
    if (state(entry) != FULL || place < VhdxFile.MIB || place > data.size() - VhdxFile.MIB) {
      throw new ImageException.Corrupt(
          data.name(),
          "VHDX sector bitmap of block "
              + block
              + " has entry 0x"
              + Long.toHexString(entry)
              + " at "
              + position(disk.bitmapIndex(chunk))
              + ", which names no place in a file of "
              + data.size());
    }
    return place;
  }

  /// Whether a block's chunk has a bitmap.
  boolean hasBitmap(long block) throws IOException {
    return state(bitmapEntry(block / disk.chunkBlocks())) == FULL;
  }

  /// Changes the bits of a part of a block.
  void fill(long block, long inBlock, long length, boolean set) throws IOException {
    long sector = disk.logicalSector();
    bitmaps.fill(
        bitmap(block),
        firstBit(block) + inBlock / sector,
        (length + sector - 1) / sector,
        set,
        STAGE);
  }

  /// Whether all bits of a block are set, or none is.
  boolean isUniform(long block, boolean set) throws IOException {
    long sectors = disk.bytesOf(block) / disk.logicalSector();
    return bitmaps.run(bitmap(block), firstBit(block), sectors, set) == sectors;
  }

  /// Whether so much has changed that it should be written.
  boolean crowded() {
    return table.crowded() || bitmapPages.crowded();
  }

  /// Gives all changes to the log: bitmaps first, so that no block is partly present before its
  /// bits are right.
  void drainTo(VhdxLog log) throws IOException {
    bitmapPages.writeBack(STAGE);
    table.writeBack(STAGE);
    knownEnd = 0;
    VhdxRegion bat = file.bat();
    log.commit(changes.drain(position -> position >= bat.offset() && position < bat.end()));
  }

  /// Whether something has changed.
  boolean isDirty() {
    return table.isDirty(STAGE) || bitmapPages.isDirty(STAGE);
  }
}
