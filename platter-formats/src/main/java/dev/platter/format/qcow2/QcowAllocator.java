package dev.platter.format.qcow2;

import dev.platter.image.ImageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Gives out clusters of the main file by their reference counts, and takes them back.
///
/// Counts go up at once, and down only after a flush ([#applyReleases]): until then something on
/// disk may still point there.
final class QcowAllocator {
  private static final long MAX_TABLE_BYTES = 8 << 20;

  /// Runs that wait for a flush, at most; 16 bytes each.
  private static final int MAX_RELEASES = 1 << 20;

  /// What is smaller than a block of a file system gives no room back.
  private static final int MIN_PUNCH = 4096;

  private final QcowTables tables;
  private final RefcountWidth width;
  private final int blockBits;
  private final long lanes;
  private long hint = 1;
  private long packEnd;
  private long[] released = new long[32];
  private int releases;

  /// Room in the main file.
  ///
  /// @param position where it starts
  /// @param clusters how many
  /// @param fresh the file was made larger for it: it reads as zeros
  record Area(long position, int clusters, boolean fresh) {}

  QcowAllocator(QcowTables tables) {
    this.tables = tables;
    this.width = tables.width;
    this.blockBits = width.blockBits(tables.clusterBits);
    this.lanes = Long.divideUnsigned(-1L, width.order() == 6 ? -1L : width.max());
  }

  /// How often a cluster is referred to.
  long refcount(long cluster) throws IOException {
    long block = tables.refcountBlock(cluster >>> blockBits);
    return block == 0 ? 0 : width.get(tables.cache, block, inBlock(cluster));
  }

  private int inBlock(long cluster) {
    return (int) (cluster & (1L << blockBits) - 1);
  }

  private void set(long cluster, long count) throws IOException {
    long block = tables.refcountBlock(cluster >>> blockBits);
    width.set(tables.cache, block, inBlock(cluster), count, QcowTables.REFCOUNTS);
  }

  /// The first free clusters, as many in one piece as there are up to `wanted`.
  Area allocate(int wanted) throws IOException {
    long first = nextFree(hint);
    int count = 1;
    while (count < wanted && refcount(first + count) == 0) {
      count++;
    }
    return take(first, count);
  }

  /// Exactly so many clusters in one piece.
  Area allocateWhole(int clusters) throws IOException {
    long first = nextFree(hint);
    long end = first + 1;
    while (end - first < clusters) {
      if (refcount(end) == 0) {
        end++;
      } else {
        first = nextFree(end);
        end = first + 1;
      }
    }
    long before = hint;
    Area area = take(first, clusters);
    hint = Math.min(before, hint);
    return area;
  }

  private Area take(long first, int count) throws IOException {
    guard(first, count);
    long before = tables.end((first + count) << tables.clusterBits);
    cover(first, count);
    long position = first << tables.clusterBits;
    boolean fresh = position >= before;
    tables.extend((first + count) << tables.clusterBits);
    for (int i = 0; i < count; i++) {
      set(first + i, 1);
    }
    hint = first + count;
    return new Area(position, count, fresh);
  }

  /// A count of zero for what certainly is in use means that counts cannot be believed.
  private void guard(long first, int count) throws ImageException {
    long from = first << tables.clusterBits;
    long to = (first + count) << tables.clusterBits;
    if (to > L2Entry.PLACE) {
      throw new ImageException.Unsupported(
          tables.storage.name(), "no room is left below " + QcowTables.hex(L2Entry.PLACE));
    }
    guard("the L1 table", from, to, tables.l1Offset(), 8 * tables.l1Size());
    guard("the refcount table", from, to, tables.refcountOffset(), 8 * tables.refcountEntries());
    QcowHeader header = tables.head.header();
    guard("the snapshot table", from, to, header.snapshotsOffset(), header.snapshotCount());
  }

  private void guard(String what, long from, long to, long start, long length)
      throws ImageException {
    if (length > 0 && from < start + length && start < to) {
      throw tables.corrupt(
          "the refcount of the cluster at "
              + QcowTables.hex(Math.max(from, start))
              + " is 0, but "
              + what
              + " is there");
    }
  }

  private long nextFree(long from) throws IOException {
    long cluster = from;
    while (true) {
      long block = tables.refcountBlock(cluster >>> blockBits);
      if (block == 0) {
        return cluster;
      }
      long blockEnd = ((cluster >>> blockBits) + 1) << blockBits;
      int lane = 64 >>> width.order();
      while (cluster < blockEnd) {
        if (cluster % lane == 0 && full(block, inBlock(cluster))) {
          cluster += lane;
        } else if (width.get(tables.cache, block, inBlock(cluster)) == 0) {
          return cluster;
        } else {
          cluster++;
        }
      }
    }
  }

  /// Whether none of the counts in eight bytes is zero.
  private boolean full(long block, int index) throws IOException {
    long counts = tables.cache.getLong(block + ((long) index << width.order() >>> 3));
    return (counts - lanes & ~counts & lanes << (width.bits() - 1)) == 0;
  }

  /// Makes sure that clusters have refcount blocks. Missing ones are put behind them, and if the
  /// refcount table is too short, a longer one behind those.
  private void cover(long first, int count) throws IOException {
    long at = first + count;
    long metadata = 0;
    while (true) {
      long last = (at + metadata - 1) >>> blockBits;
      long blocks = missing(first >>> blockBits, last);
      if (blocks == 0) {
        return;
      }
      long needed = blocks + tableClusters(last + 1);
      long free = behindUsed(at, needed);
      if (needed == metadata && free == at) {
        break;
      }
      metadata = needed;
      at = free;
    }
    makeBlocks(first >>> blockBits, at, metadata);
  }

  private long behindUsed(long first, long count) throws IOException {
    for (long cluster = first + count - 1; cluster >= first; cluster--) {
      if (refcount(cluster) != 0) {
        return cluster + 1;
      }
    }
    return first;
  }

  private long missing(long from, long last) throws IOException {
    long missing = 0;
    for (long index = from; index <= last; index++) {
      missing += tables.refcountBlock(index) == 0 ? 1 : 0;
    }
    return missing;
  }

  /// Clusters of a new refcount table that has room for so many entries, 0 if the old one has.
  private long tableClusters(long entries) throws ImageException {
    if (entries <= tables.refcountEntries()) {
      return 0;
    }
    long bytes = 8 * Math.max(entries, tables.refcountEntries() * 3 / 2);
    if (bytes > Math.max(MAX_TABLE_BYTES, tables.clusterSize)) {
      throw new ImageException.Unsupported(
          tables.storage.name(),
          "a refcount table of " + bytes + " bytes would be needed, the limit is 8388608");
    }
    return (bytes + tables.clusterSize - 1) >>> tables.clusterBits;
  }

  private void makeBlocks(long firstIndex, long at, long metadata) throws IOException {
    long last = (at + metadata - 1) >>> blockBits;
    long tableClusters = tableClusters(last + 1);
    long[] blocks = new long[(int) (last - firstIndex + 1)];
    long next = at;
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = tables.refcountBlock(firstIndex + i);
      if (blocks[i] == 0) {
        blocks[i] = next++ << tables.clusterBits;
        tables.cache.clear(blocks[i], tables.clusterSize, QcowTables.REFCOUNTS);
      }
    }
    tables.extend((at + metadata) << tables.clusterBits);
    for (long cluster = at; cluster < at + metadata; cluster++) {
      long block = blocks[(int) ((cluster >>> blockBits) - firstIndex)];
      width.set(tables.cache, block, inBlock(cluster), 1, QcowTables.REFCOUNTS);
    }
    if (tableClusters > 0) {
      switchTable(next << tables.clusterBits, tableClusters, firstIndex, blocks);
    } else {
      for (int i = 0; i < blocks.length; i++) {
        tables.setRefcountBlock(firstIndex + i, blocks[i]);
      }
    }
  }

  /// Writes a longer refcount table elsewhere and points the header at it.
  private void switchTable(long position, long clusters, long firstIndex, long[] blocks)
      throws IOException {
    tables.cache.writeBack(QcowTables.REFCOUNTS);
    var table = ByteBuffer.allocate((int) (clusters << tables.clusterBits));
    for (long index = 0; index < tables.refcountEntries(); index++) {
      table.putLong(tables.refcountBlock(index));
    }
    for (int i = 0; i < blocks.length; i++) {
      table.putLong((int) (firstIndex + i) * 8, blocks[i]);
    }
    tables.storage.write(position, MemorySegment.ofBuffer(table.clear()));
    tables.storage.flush();
    tables.writeHeader(
        QcowHeader.REFCOUNT_TABLE_AT,
        ByteBuffer.allocate(12).putLong(position).putInt((int) clusters));
    tables.storage.flush();
    long oldPosition = tables.refcountOffset();
    long oldClusters = (8 * tables.refcountEntries()) >>> tables.clusterBits;
    tables.cache.forget(oldPosition, oldClusters << tables.clusterBits);
    tables.refcountsMovedTo(position, clusters << (tables.clusterBits - 3));
    takeBack(oldPosition >>> tables.clusterBits, oldClusters);
  }

  /// Room for compressed bytes: behind the last ones in the same cluster, if that may be shared
  /// once more, else in a new one.
  long allocateBytes(int length) throws IOException {
    int inCluster = (int) (packEnd & (tables.clusterSize - 1));
    long position = packEnd;
    boolean started = inCluster != 0 && refcount(packEnd >>> tables.clusterBits) < width.max();
    boolean fits = started && length <= tables.clusterSize - inCluster;
    long following = (packEnd >>> tables.clusterBits) + 1;
    if (fits) {
      increment(following - 1);
    } else if (started && refcount(following) == 0) {
      long before = hint;
      take(following, 1);
      hint = before == following ? following + 1 : before;
      increment(following - 1);
    } else {
      position = allocate(1).position();
    }
    if (position + length > L2Entry.encodedLimit(tables.clusterBits)) {
      throw new ImageException.Unsupported(
          tables.storage.name(),
          "no room is left for compressed clusters below "
              + QcowTables.hex(L2Entry.encodedLimit(tables.clusterBits)));
    }
    packEnd = position + length;
    return position;
  }

  private void increment(long cluster) throws IOException {
    set(cluster, refcount(cluster) + 1);
  }

  /// Counts a cluster once more.
  ///
  /// @return whether the count has room for it
  boolean share(long cluster) throws IOException {
    long count = refcount(cluster);
    if (count >= width.max()) {
      return false;
    }
    set(cluster, count + 1);
    return true;
  }

  /// Takes back what nothing on disk ever pointed at.
  void cancel(long position, long length) throws IOException {
    long first = position >>> tables.clusterBits;
    takeBack(first, ((position + length - 1) >>> tables.clusterBits) - first + 1);
  }

  /// Nothing in memory points at these bytes any more; their clusters' counts go down when that is
  /// so on disk too.
  void release(long position, long length) {
    long first = position >>> tables.clusterBits;
    long end = ((position + length - 1) >>> tables.clusterBits) + 1;
    if (releases > 0 && released[releases - 1] == first) {
      released[releases - 1] = end;
      return;
    }
    if (releases == released.length) {
      released = Arrays.copyOf(released, 2 * releases);
    }
    released[releases++] = first;
    released[releases++] = end;
  }

  /// Whether so much waits for a flush that it should not be put off.
  boolean crowded() {
    return releases >= 2 * MAX_RELEASES;
  }

  /// Whether there are clusters that [#applyReleases] would take back.
  boolean hasReleases() {
    return releases > 0;
  }

  /// Takes back what was released: everything on disk has been made to point elsewhere.
  void applyReleases() throws IOException {
    int count = releases;
    releases = 0;
    for (int i = 0; i < count; i += 2) {
      takeBack(released[i], released[i + 1] - released[i]);
    }
  }

  private void takeBack(long first, long clusters) throws IOException {
    long freeFrom = first;
    for (long cluster = first; cluster < first + clusters; cluster++) {
      long count = refcount(cluster);
      if (count == 0) {
        throw tables.corrupt(
            "the refcount of the cluster at "
                + QcowTables.hex(cluster << tables.clusterBits)
                + " is 0, but it was in use");
      }
      set(cluster, count - 1);
      if (count > 1) {
        punch(freeFrom, cluster);
        freeFrom = cluster + 1;
      } else {
        hint = Math.min(hint, cluster);
        packEnd = packEnd >>> tables.clusterBits == cluster ? 0 : packEnd;
      }
    }
    punch(freeFrom, first + clusters);
  }

  private void punch(long first, long end) throws IOException {
    if (first < end) {
      long from = first << tables.clusterBits;
      long to = Math.min(end << tables.clusterBits, tables.end(end << tables.clusterBits));
      if (to - from >= MIN_PUNCH) {
        tables.storage.punch(from, to - from);
      }
    }
  }
}
