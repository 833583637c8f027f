package dev.platter.map;

import java.io.IOException;
import java.util.function.LongUnaryOperator;

/// A map that is one table with an entry of four bytes a block.
public final class FlatMap implements BlockMap {
  private final TableCache cache;
  private final long position;
  private final long blocks;
  private final long blockSize;
  private final Entries entries;

  /// What the numbers in a table mean.
  ///
  /// @param meaning from an entry to a position or a mark of [BlockMap]
  /// @param step by how much the entries of two blocks differ that stand one behind the other in
  ///   the storage; 0 if blocks never do
  /// @param marks entries from this number on are marks
  public record Entries(LongUnaryOperator meaning, long step, long marks) {}

  /// A table in a storage.
  ///
  /// @param position where it starts
  public FlatMap(TableCache cache, long position, long blocks, long blockSize, Entries entries) {
    this.cache = cache;
    this.position = position;
    this.blocks = blocks;
    this.blockSize = blockSize;
    this.entries = entries;
  }

  @Override
  public long blocks() {
    return blocks;
  }

  @Override
  public long blockSize() {
    return blockSize;
  }

  @Override
  public long get(long block) throws IOException {
    return entries.meaning.applyAsLong(entry(block));
  }

  /// A block's entry as it is in the table.
  public long entry(long block) throws IOException {
    return cache.getInt(position(block));
  }

  /// Changes a block's entry; it is in memory until the cache is written.
  ///
  /// @param stage what the cache calls this kind of table
  public void set(long block, long entry, int stage) throws IOException {
    cache.setInt(position(block), entry, stage);
  }

  /// Where a block's entry stands in the storage.
  public long position(long block) {
    return position + 4 * block;
  }

  @Override
  public long run(long block, long limit) throws IOException {
    long first = entry(block);
    if (entries.meaning.applyAsLong(first) < 0) {
      return cache.countInts(position(block), limit, first, 0);
    }
    if (entries.step == 0) {
      return 1;
    }
    long places = (entries.marks - first + entries.step - 1) / entries.step;
    return cache.countInts(position(block), Math.min(limit, places), first, entries.step);
  }

  /// The highest entry of a run of blocks that is not a mark, -1 if all are.
  public long highest(long block, long count) throws IOException {
    return cache.largestInt(position(block), count, entries.marks);
  }
}
