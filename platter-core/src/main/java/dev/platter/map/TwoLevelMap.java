package dev.platter.map;

import java.io.IOException;

/// A map of tables of entries of eight bytes: a first table that says where second tables are,
/// which say where blocks are. An entry of 0 is of what is not there; every other entry of the
/// first table is a position, and so is the entry of a block that has a place.
public final class TwoLevelMap implements BlockMap {
  private final TableCache cache;
  private final Shape shape;
  private final Entries entries;

  /// How large things are.
  ///
  /// @param position where the first table starts
  /// @param tables entries of the first table
  /// @param entries entries of a second table
  /// @param blockSize bytes of a block
  public record Shape(long position, long tables, int entries, long blockSize) {
    /// Bytes of the disk that one second table maps.
    public long span() {
      return entries * blockSize;
    }
  }

  /// What the entries of an image mean, which may depend on where its file ends.
  public interface Entries {
    /// The position of a second table, or [BlockMap#UNALLOCATED].
    ///
    /// @param index which entry of the first table it is
    /// @param entry not 0
    long table(long index, long entry) throws IOException;

    /// The position of a block, or a mark; another negative number where neither can be said.
    ///
    /// @param entry not 0
    long place(long block, long entry) throws IOException;
  }

  /// Takes the entries of a whole map.
  public interface Visitor {
    /// An entry of the first table that is not 0.
    ///
    /// @return whether the entries of the table there are wanted
    boolean table(long index, long entry) throws IOException;

    /// Neighbours in a second table: `entry` is the first one's, and each of the others is one
    /// block higher; or all are the same.
    ///
    /// @param entry not 0
    void blocks(long block, long count, long entry) throws IOException;
  }

  /// A map in a storage.
  public TwoLevelMap(TableCache cache, Shape shape, Entries entries) {
    this.cache = cache;
    this.shape = shape;
    this.entries = entries;
  }

  @Override
  public long blocks() {
    return shape.tables * shape.entries;
  }

  @Override
  public long blockSize() {
    return shape.blockSize;
  }

  @Override
  public long get(long block) throws IOException {
    long entry = entry(block);
    return entry == 0 ? UNALLOCATED : entries.place(block, entry);
  }

  /// A block's entry as it is in its table, 0 if there is no table.
  public long entry(long block) throws IOException {
    long table = table(block / shape.entries);
    return table == UNALLOCATED ? 0 : cache.getLong(table + 8 * (block % shape.entries));
  }

  /// An entry of the first table as it is there.
  public long tableEntry(long index) throws IOException {
    return cache.getLong(tablePosition(index));
  }

  /// Where an entry of the first table stands in the storage.
  public long tablePosition(long index) {
    return shape.position + 8 * index;
  }

  /// Where a block's entry stands in the storage; 0 if there is no table.
  public long position(long block) throws IOException {
    long table = table(block / shape.entries);
    return table == UNALLOCATED ? 0 : table + 8 * (block % shape.entries);
  }

  /// Whether a block has a table.
  public boolean hasTable(long block) throws IOException {
    return table(block / shape.entries) != UNALLOCATED;
  }

  /// The first block that has another table.
  public long nextTable(long block) {
    return (block / shape.entries + 1) * shape.entries;
  }

  private long table(long index) throws IOException {
    long entry = tableEntry(index);
    return entry == 0 ? UNALLOCATED : entries.table(index, entry);
  }

  /// Changes a block's entry; its table must be there.
  ///
  /// @param stage what the cache calls second tables
  public void set(long block, long entry, int stage) throws IOException {
    cache.setLong(position(block), entry, stage);
  }

  /// Changes an entry of the first table.
  ///
  /// @param stage what the cache calls the first table
  public void setTable(long index, long entry, int stage) throws IOException {
    cache.setLong(tablePosition(index), entry, stage);
  }

  @Override
  public long run(long block, long limit) throws IOException {
    long first = entry(block);
    long step = get(block) < 0 ? 0 : shape.blockSize;
    long count = 0;
    while (count < limit) {
      long at = block + count;
      long here = Math.min(limit - count, nextTable(at) - at);
      long table = table(at / shape.entries);
      long same = here;
      if (table != UNALLOCATED) {
        same = cache.countLongs(table + 8 * (at % shape.entries), here, first + count * step, step);
      } else if (first != 0) {
        return count;
      } else if (tableEntry(at / shape.entries) == 0) {
        here = Math.min(limit - count, behindEmpty(at, limit - count) - at);
        same = here;
      }
      count += same;
      if (same < here) {
        return count;
      }
    }
    return count;
  }

  /// The first block behind tables that are not there.
  ///
  /// @param limit how many blocks are looked at
  private long behindEmpty(long block, long limit) throws IOException {
    long index = block / shape.entries;
    long last = (block + limit - 1) / shape.entries;
    long empty = cache.countLongs(tablePosition(index), last - index + 1, 0, 0);
    return (index + empty) * shape.entries;
  }

  /// Shows every entry that is not 0, in ascending order of blocks, whatever it means.
  public void walk(Visitor visitor) throws IOException {
    for (long index = 0; index < shape.tables; ) {
      long empty = cache.countLongs(tablePosition(index), shape.tables - index, 0, 0);
      index += empty;
      if (index < shape.tables) {
        long table = tableEntry(index);
        if (visitor.table(index, table)) {
          walk(visitor, index * shape.entries, table);
        }
        index++;
      }
    }
  }

  private void walk(Visitor visitor, long firstBlock, long table) throws IOException {
    for (long at = 0; at < shape.entries; ) {
      long position = table + 8 * at;
      long entry = cache.getLong(position);
      long limit = shape.entries - at;
      long same = cache.countLongs(position, limit, entry, 0);
      long count = same > 1 ? same : cache.countLongs(position, limit, entry, shape.blockSize);
      if (entry != 0) {
        visitor.blocks(firstBlock + at, count, entry);
      }
      at += count;
    }
  }
}
