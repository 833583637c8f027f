package dev.platter.format.vhd;

import dev.platter.image.Allocation;
import dev.platter.image.Plan.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/// The blocks of a new image in ascending order of the disk: the pieces that they are made of,
/// their places, and their bitmaps. Takes memory by the run and not by the block.
final class VhdRuns extends AbstractList<Piece> implements RandomAccess {
  private static final int SECTOR = VhdFooter.SECTOR;
  private static final ValueLayout.OfInt ENTRY =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Allocation runs;
  private final long blockSize;
  private final int bitmapSize;
  private final long dataStart;

  /// How many blocks come before the first block of a run.
  private final long[] blocksBefore;

  /// How many pieces come before the first piece of a run; one more than there are runs.
  private final long[] piecesBefore;

  /// Lays out the blocks of these runs.
  ///
  /// @param runs of whole sectors, all of them data
  /// @param dataStart where the first block goes
  VhdRuns(Allocation runs, long blockSize, int bitmapSize, long dataStart) {
    this.runs = runs;
    this.blockSize = blockSize;
    this.bitmapSize = bitmapSize;
    this.dataStart = dataStart;
    this.blocksBefore = new long[runs.count() + 1];
    this.piecesBefore = new long[runs.count() + 1];
    long blocks = 0;
    for (int run = 0; run < runs.count(); run++) {
      long touched = lastBlock(run) - firstBlock(run) + 1;
      long added = isShared(run) ? touched - 1 : touched;
      blocksBefore[run] = isShared(run) ? blocks - 1 : blocks;
      piecesBefore[run + 1] = piecesBefore[run] + touched + added;
      blocks += added;
    }
    blocksBefore[runs.count()] = blocks;
  }

  private long firstBlock(int run) {
    return runs.start(run) / blockSize;
  }

  private long lastBlock(int run) {
    return (runs.end(run) - 1) / blockSize;
  }

  /// Whether a run starts in the block that the one before it ends in.
  private boolean isShared(int run) {
    return run > 0 && lastBlock(run - 1) == firstBlock(run);
  }

  /// The position behind the last block.
  long end() {
    return dataStart + blocksBefore[runs.count()] * (bitmapSize + blockSize);
  }

  private long place(int run, long block) {
    return dataStart + (blocksBefore[run] + block - firstBlock(run)) * (bitmapSize + blockSize);
  }

  @Override
  public int size() {
    return Math.toIntExact(piecesBefore[runs.count()]);
  }

  @Override
  public Piece get(int index) {
    int found = Arrays.binarySearch(piecesBefore, 0, runs.count() + 1, index);
    int run = found >= 0 ? found : -found - 2;
    // a shared block has its bitmap already: one piece fewer
    long piece = index - piecesBefore[run] + (isShared(run) ? 1 : 0);
    long block = firstBlock(run) + piece / 2;
    long place = place(run, block);
    if (piece % 2 == 0) {
      return new Piece.Metadata(
          place, bitmapSize, (start, target) -> fillBitmap(block, start, target));
    }
    long from = Math.max(runs.start(run), block * blockSize);
    long to = Math.min(runs.end(run), (block + 1) * blockSize);
    return new Piece.Guest(place + bitmapSize + from % blockSize, to - from, from);
  }

  private void fillBitmap(long block, long start, MemorySegment target) {
    long first = block * blockSize;
    for (int run = runs.runAfter(first);
        run < runs.count() && runs.start(run) < first + blockSize;
        run++) {
      long from = Math.max(runs.start(run) - first, 0) / SECTOR - start * 8;
      long to = Math.min(runs.end(run) - first, blockSize) / SECTOR - start * 8;
      setBits(target, Math.max(from, 0), Math.min(to, target.byteSize() * 8));
    }
  }

  private static void setBits(MemorySegment target, long from, long to) {
    for (long bit = from; bit < to; ) {
      long next = Math.min((bit | 7) + 1, to);
      int mask = (0xff >>> (bit & 7)) & (0xff00 >>> (next - (bit & -8)));
      byte before = target.get(ValueLayout.JAVA_BYTE, bit >>> 3);
      target.set(ValueLayout.JAVA_BYTE, bit >>> 3, (byte) (before | mask));
      bit = next;
    }
  }

  /// A part of the block allocation table.
  void fillTable(long start, MemorySegment target) {
    target.fill((byte) 0xff);
    long first = start / 4;
    long behind = first + target.byteSize() / 4;
    for (int run = runs.runAfter(first * blockSize);
        run < runs.count() && firstBlock(run) < behind;
        run++) {
      long last = Math.min(lastBlock(run), behind - 1);
      for (long block = Math.max(firstBlock(run), first); block <= last; block++) {
        target.set(ENTRY, (block - first) * 4, (int) (place(run, block) / SECTOR));
      }
    }
  }
}
