package dev.platter.format.vhdx;

import dev.platter.image.Allocation;
import dev.platter.image.Plan.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// The blocks of a new image in the order of the disk. In a child the bitmap of a chunk stands
/// before the chunk's first block, if a block of it is only partly present. Takes memory by the run
/// and by the chunk, not by the block.
final class VhdxRuns {
  private static final long MIB = VhdxFile.MIB;

  private final VhdxDisk disk;
  private final long dataStart;
  private final long absent;

  /// The runs of guest data as they are copied, and those of zeros that must be said.
  private final Allocation guest;

  /// What a child has, data or zeros.
  private final Allocation present;

  /// The blocks that have places.
  private final Allocation placed;

  /// How many bitmaps there are for the chunks before one.
  private final long[] bitmapsBefore;

  /// Lays out the blocks.
  ///
  /// @param dataStart where the first block or bitmap goes
  /// @param sayZeros whether blocks that are not stored are said to be zeros where there is no
  ///   parent
  VhdxRuns(VhdxDisk disk, Allocation allocation, long dataStart, boolean sayZeros) {
    this.disk = disk;
    this.dataStart = dataStart;
    this.absent = sayZeros && !disk.hasParent() ? VhdxTables.ZERO : VhdxTables.NOT_PRESENT;
    long blocksEnd = disk.blocks() * disk.blockSize();
    if (disk.hasParent()) {
      this.guest = allocation.align(disk.logicalSector());
      this.present = everything(guest);
      this.placed = touched();
    } else {
      this.guest = disk.isFixed() ? allocation : allocation.align(disk.blockSize());
      this.present = Allocation.full(blocksEnd);
      this.placed = disk.isFixed() ? Allocation.full(blocksEnd) : guest;
    }
    this.bitmapsBefore = bitmaps();
  }

  private Allocation everything(Allocation runs) {
    var builder = new Allocation.Builder();
    for (int run = 0; run < runs.count(); run++) {
      builder.data(runs.start(run), runs.end(run) - runs.start(run));
    }
    return builder.build(disk.size());
  }

  /// The blocks that a child's runs touch, but for those that are zeros as a whole.
  private Allocation touched() {
    long unit = disk.blockSize();
    var blocks = new Blocks(unit);
    for (int run = 0; run < guest.count(); run++) {
      long start = guest.start(run);
      long end = guest.end(run);
      long zerosFrom = (start + unit - 1) / unit * unit;
      long zerosTo = end >= disk.size() ? disk.blocks() * unit : end / unit * unit;
      if (!guest.isZero(run) || zerosFrom >= zerosTo) {
        blocks.add(start, end);
      } else {
        blocks.add(start, zerosFrom);
        blocks.add(zerosTo, end);
      }
    }
    return blocks.builder.build(disk.size());
  }

  /// Collects whole blocks, each once.
  private static final class Blocks {
    private final long unit;
    private final Allocation.Builder builder = new Allocation.Builder();
    private long covered;

    private Blocks(long unit) {
      this.unit = unit;
    }

    private void add(long start, long end) {
      if (start < end) {
        long from = Math.max(start / unit * unit, covered);
        covered = Math.max(covered, (end + unit - 1) / unit * unit);
        if (from < covered) {
          builder.data(from, covered - from);
        }
      }
    }
  }

  private long chunkBytes() {
    return disk.chunkBlocks() * disk.blockSize();
  }

  private long[] bitmaps() {
    long[] before = new long[(int) disk.chunks() + 1];
    for (int run = 0; disk.hasParent() && run < present.count(); run++) {
      mark(before, present.start(run));
      mark(before, present.end(run));
    }
    for (int chunk = 0; chunk < disk.chunks(); chunk++) {
      before[chunk + 1] += before[chunk];
    }
    return before;
  }

  /// A run that starts or ends inside a block makes it partly present.
  private void mark(long[] before, long offset) {
    if (offset % disk.blockSize() != 0 && offset < disk.size()) {
      before[(int) (offset / chunkBytes()) + 1] = 1;
    }
  }

  private boolean hasBitmap(long chunk) {
    return bitmapsBefore[(int) chunk + 1] > bitmapsBefore[(int) chunk];
  }

  /// Bytes of the blocks with places before `offset`.
  private long placedBefore(long offset) {
    int run = placed.runAfter(offset);
    long inside = run < placed.count() ? Math.max(offset - placed.start(run), 0) : 0;
    return placed.dataBefore(run) + inside;
  }

  /// Where a byte of a block with a place goes.
  private long position(long offset) {
    return dataStart
        + placedBefore(offset)
        + bitmapsBefore[(int) (offset / chunkBytes()) + 1] * MIB;
  }

  private long bitmapPosition(long chunk) {
    return dataStart + placedBefore(chunk * chunkBytes()) + bitmapsBefore[(int) chunk] * MIB;
  }

  /// The position behind the last block.
  long end() {
    return dataStart + placed.dataBytes() + bitmapsBefore[bitmapsBefore.length - 1] * MIB;
  }

  /// Adds the pieces of blocks and bitmaps.
  void addTo(List<Piece> pieces) {
    long chunk = 0;
    for (int run = 0; run < guest.count(); run++) {
      for (long at = guest.start(run); !guest.isZero(run) && at < guest.end(run); ) {
        long inChunk = chunkBytes() - at % chunkBytes();
        long length = Math.min(guest.end(run) - at, inChunk);
        addBitmaps(chunk, at / chunkBytes() + 1, pieces);
        chunk = Math.max(chunk, at / chunkBytes() + 1);
        pieces.add(new Piece.Guest(position(at), length, at));
        at += length;
      }
    }
    addBitmaps(chunk, disk.chunks(), pieces);
  }

  private void addBitmaps(long from, long to, List<Piece> pieces) {
    for (long chunk = from; chunk < to; chunk++) {
      if (hasBitmap(chunk)) {
        long first = chunk * chunkBytes();
        pieces.add(
            new Piece.Metadata(
                bitmapPosition(chunk), MIB, (start, target) -> fillBitmap(first, start, target)));
      }
    }
  }

  private void fillBitmap(long first, long start, MemorySegment target) {
    long sector = disk.logicalSector();
    long from = first + start * 8 * sector;
    long to = from + target.byteSize() * 8 * sector;
    for (int run = present.runAfter(from);
        run < present.count() && present.start(run) < to;
        run++) {
      setBits(
          target,
          (Math.max(present.start(run), from) - from) / sector,
          (Math.min(present.end(run), to) - from) / sector);
    }
  }

  private static void setBits(MemorySegment target, long from, long to) {
    for (long bit = from; bit < to; ) {
      long next = Math.min((bit | 7) + 1, to);
      int mask = (0xff << (bit & 7)) & (0xff >>> ((bit | 7) + 1 - next));
      byte before = target.get(ValueLayout.JAVA_BYTE, bit >>> 3);
      target.set(ValueLayout.JAVA_BYTE, bit >>> 3, (byte) (before | mask));
      bit = next;
    }
  }

  /// A part of the block allocation table.
  void fillTable(long start, MemorySegment target) {
    for (long at = 0; at < target.byteSize(); at += 8) {
      long entry = entry((start + at) / 8);
      for (long i = at; i < Math.min(at + 8, target.byteSize()); i++) {
        target.set(ValueLayout.JAVA_BYTE, i, (byte) (entry >>> (8 * (i - at))));
      }
    }
  }

  private long entry(long index) {
    long chunk = index / (disk.chunkBlocks() + 1);
    long inChunk = index % (disk.chunkBlocks() + 1);
    if (inChunk == disk.chunkBlocks()) {
      return hasBitmap(chunk) ? bitmapPosition(chunk) | VhdxTables.FULL : VhdxTables.NOT_PRESENT;
    }
    long block = chunk * disk.chunkBlocks() + inChunk;
    return block < disk.blocks() ? blockEntry(block * disk.blockSize()) : VhdxTables.NOT_PRESENT;
  }

  private long blockEntry(long offset) {
    int run = placed.runAfter(offset);
    if (run < placed.count() && placed.start(run) <= offset) {
      return position(offset) | (covers(present, offset) ? VhdxTables.FULL : VhdxTables.PARTIAL);
    }
    int zeros = guest.runAfter(offset);
    boolean zero = zeros < guest.count() && guest.start(zeros) <= offset && guest.isZero(zeros);
    return zero ? VhdxTables.ZERO : absent;
  }

  /// Whether a block is in one run as a whole.
  private boolean covers(Allocation runs, long offset) {
    int run = runs.runAfter(offset);
    long end = Math.min(offset + disk.blockSize(), disk.size());
    return run < runs.count() && runs.start(run) <= offset && runs.end(run) >= end;
  }
}
