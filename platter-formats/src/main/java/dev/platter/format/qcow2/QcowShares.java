package dev.platter.format.qcow2;

import dev.platter.image.ImageException;
import java.io.IOException;

/// Counts all clusters of a disk, the active one or a snapshot's, once more or once less.
final class QcowShares {
  private final QcowTables tables;
  private final QcowAllocator allocator;
  private final QcowSession session;

  QcowShares(QcowTables tables, QcowAllocator allocator, QcowSession session) {
    this.tables = tables;
    this.allocator = allocator;
    this.session = session;
  }

  /// The L1 table of a disk.
  ///
  /// @param what it is, for messages
  /// @param offset where it starts
  /// @param size entries of it
  record Root(String what, long offset, long size) {}

  /// The L1 table of the active disk.
  Root active() {
    return new Root("the active disk", tables.l1Offset(), tables.l1Size());
  }

  /// Hears of every entry that has a place.
  private interface Visitor {
    /// An entry of an L2 table, or after all of a table's entries that of the L1 table.
    ///
    /// @param stage whether it is in an L1 or an L2 table
    /// @param at where the entry is
    /// @param position where its bytes are
    /// @return whether to go on
    boolean entry(int stage, long at, long entry, long position, int length) throws IOException;
  }

  private void walk(Root root, Visitor visitor) throws IOException {
    for (long index = 0; index < root.size; index++) {
      long at = root.offset + 8 * index;
      long entry = tables.cache.getLong(at);
      long table = L2Entry.place(entry);
      if (table == 0) {
        continue;
      }
      if (!table(table, visitor)
          || !visitor.entry(QcowTables.L1, at, entry, table, tables.clusterSize)) {
        return;
      }
      session.relieve();
    }
  }

  private boolean table(long table, Visitor visitor) throws IOException {
    int step = tables.extended ? 16 : 8;
    for (int inTable = 0; inTable < tables.clusterSize; inTable += step) {
      long at = table + inTable;
      long entry = tables.cache.getLong(at);
      long position = L2Entry.place(entry);
      int length = tables.clusterSize;
      if (L2Entry.compressed(entry)) {
        position = L2Entry.encodedPosition(entry, tables.clusterBits);
        length = L2Entry.encodedLength(entry, tables.clusterBits);
      }
      if (position != 0 && !visitor.entry(QcowTables.L2, at, entry, position, length)) {
        return false;
      }
    }
    return true;
  }

  /// Makes sure that all of a disk can be counted, before anything changes.
  void check(Root root) throws IOException {
    long mask = tables.clusterSize - 1L;
    long bytes = 8 * root.size;
    boolean inside = root.offset >= tables.clusterSize && root.offset <= fileEnd() - bytes;
    if (bytes > 0 && ((root.offset & mask) != 0 || !inside)) {
      throw tables.corrupt(
          "the L1 table of "
              + root.what
              + " at "
              + QcowTables.hex(root.offset)
              + " is not in whole clusters of the file");
    }
    long most = fileEnd() >>> tables.clusterBits;
    long count = 0;
    for (long index = 0; index < root.size; index++) {
      long at = root.offset + 8 * index;
      long table = L2Entry.place(tables.cache.getLong(at));
      if (table != 0) {
        count++;
        inUse(root, at, table, 1);
        if ((table & mask) != 0 || table + tables.clusterSize > fileEnd() || count > most) {
          throw tables.corrupt(
              "L1 entry "
                  + index
                  + " of "
                  + root.what
                  + " at "
                  + QcowTables.hex(at)
                  + " points at "
                  + QcowTables.hex(table)
                  + ", expected a cluster of the file that no other entry points at");
        }
      }
    }
    walk(
        root,
        (_, at, entry, position, length) -> {
          if (!L2Entry.compressed(entry) && (position & mask) != 0) {
            throw tables.corrupt(
                "the entry of "
                    + root.what
                    + " at "
                    + QcowTables.hex(at)
                    + " is "
                    + QcowTables.hex(entry)
                    + ", expected a place that is a multiple of the cluster size");
          }
          inUse(root, at, position, length);
          return true;
        });
  }

  private long fileEnd() throws IOException {
    return tables.storage.size();
  }

  private void inUse(Root root, long at, long position, int length) throws IOException {
    long last = (position + length - 1) >>> tables.clusterBits;
    for (long cluster = position >>> tables.clusterBits; cluster <= last; cluster++) {
      if (allocator.refcount(cluster) == 0) {
        throw tables.corrupt(
            "the refcount of the cluster at "
                + QcowTables.hex(cluster << tables.clusterBits)
                + " is 0, but the entry of "
                + root.what
                + " at "
                + QcowTables.hex(at)
                + " points there");
      }
    }
  }

  /// Counts a disk once more. None of its clusters is marked as belonging to it alone afterwards.
  ///
  /// @throws ImageException.Unsupported if a count is as high as it can be; nothing has changed
  ///   then
  void raise(Root root) throws IOException {
    var raising = new Raising(root.offset == tables.l1Offset());
    walk(root, raising);
    if (raising.full < 0) {
      return;
    }
    lower(root, raising.raised);
    settle();
    session.flushAll();
    throw new ImageException.Unsupported(
        tables.storage.name(),
        "a refcount of "
            + tables.width.bits()
            + (tables.width.bits() == 1 ? " bit" : " bits")
            + " cannot count a further snapshot: the cluster at "
            + QcowTables.hex(raising.full << tables.clusterBits)
            + " is referred to "
            + tables.width.max()
            + (tables.width.max() == 1 ? " time" : " times"));
  }

  private final class Raising implements Visitor {
    private final boolean ofActive;
    private long raised;
    private long full = -1;

    private Raising(boolean ofActive) {
      this.ofActive = ofActive;
    }

    @Override
    public boolean entry(int stage, long at, long entry, long position, int length)
        throws IOException {
      long last = (position + length - 1) >>> tables.clusterBits;
      for (long cluster = position >>> tables.clusterBits; cluster <= last; cluster++) {
        if (!allocator.share(cluster)) {
          full = cluster;
          return false;
        }
        raised++;
      }
      if (L2Entry.copied(entry) && (ofActive || stage == QcowTables.L2)) {
        tables.cache.setLong(at, entry & ~L2Entry.COPIED, stage);
      }
      return true;
    }
  }

  /// Counts a disk once less: nothing on disk points at its L1 table any more.
  void lower(Root root) throws IOException {
    lower(root, Long.MAX_VALUE);
    if (root.size > 0) {
      allocator.release(root.offset, 8 * root.size);
    }
    session.flushAll();
  }

  private void lower(Root root, long clusters) throws IOException {
    long[] left = {clusters};
    walk(
        root,
        (_, _, _, position, length) -> {
          long first = position >>> tables.clusterBits;
          long last = (position + length - 1) >>> tables.clusterBits;
          long count = Math.min(last - first + 1, left[0]);
          if (count > 0) {
            allocator.release(first << tables.clusterBits, count << tables.clusterBits);
            left[0] -= count;
          }
          return left[0] > 0;
        });
    session.flushAll();
  }

  /// Marks the clusters that belong to the active disk alone. A table that a snapshot has too, has
  /// none.
  void settle() throws IOException {
    for (long index = 0; index < tables.l1Size(); index++) {
      long entry = tables.l1(index);
      long table = L2Entry.place(entry);
      if (table != 0 && isSingle(table)) {
        if (!L2Entry.copied(entry)) {
          tables.setL1(index, entry | L2Entry.COPIED);
        }
        table(
            table,
            (stage, at, value, position, _) -> {
              if (!L2Entry.compressed(value) && !L2Entry.copied(value) && isSingle(position)) {
                tables.cache.setLong(at, value | L2Entry.COPIED, stage);
              }
              return true;
            });
        session.relieve();
      }
    }
  }

  private boolean isSingle(long position) throws IOException {
    return allocator.refcount(position >>> tables.clusterBits) == 1;
  }
}
