package dev.platter.format.qcow2;

import dev.platter.image.Allocation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/// The L1 table and the L2 tables of a new image, computed from runs wherever they are looked at.
/// Only L2 tables that have an entry exist; they follow one another.
final class QcowPlanTables {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final QcowPlanOptions options;
  private final Allocation clusters;
  private final Optional<Allocation> subclusters;
  private final Places places;
  private final Allocation present;
  private final long[] before;

  /// Where clusters of guest data are.
  @FunctionalInterface
  interface Places {
    /// The entry of an L2 table for a cluster.
    ///
    /// @param rank how many clusters of data come before it
    /// @param offset where the cluster starts on the disk
    long entry(long rank, long offset);
  }

  /// @param clusters runs in whole clusters; those of zeros have no place
  /// @param subclusters which parts of the clusters have data or are zeros, where that is not all
  QcowPlanTables(
      QcowPlanOptions options,
      Allocation clusters,
      Optional<Allocation> subclusters,
      Places places) {
    this.options = options;
    this.clusters = clusters;
    this.subclusters = subclusters;
    this.places = places;
    this.present = options.mapped() ? clusters : subclusters.orElse(clusters);
    this.before = new long[present.count() + 1];
    for (int run = 0; run < present.count(); run++) {
      before[run + 1] = before[run] + last(run) - firstNew(run) + 1;
    }
  }

  /// How many L2 tables there are.
  long count() {
    return before[present.count()];
  }

  private long last(int run) {
    return (present.end(run) - 1) >> options.tableBits();
  }

  /// The first table that a run has and no earlier one.
  private long firstNew(int run) {
    long first = present.start(run) >> options.tableBits();
    return run > 0 && last(run - 1) == first ? first + 1 : first;
  }

  /// Fills a part of the L1 table.
  ///
  /// @param position where the first L2 table is
  void fillL1(long start, MemorySegment target, long position) {
    long from = start / Long.BYTES;
    long to = Math.min(from + target.byteSize() / Long.BYTES, options.l1Entries());
    int run = present.runAfter(from << options.tableBits());
    for (; run < present.count() && present.start(run) >> options.tableBits() < to; run++) {
      long first = Math.max(present.start(run) >> options.tableBits(), from);
      for (long index = first; index <= last(run) && index < to; index++) {
        long table = before[run] + index - firstNew(run);
        target.set(
            LONG,
            (index - from) * Long.BYTES,
            L2Entry.COPIED | (position + (table << options.clusterBits())));
      }
    }
  }

  /// Fills a part of the L2 tables.
  void fillL2(long start, MemorySegment target) {
    long size = options.clusterSize();
    for (long done = 0; done < target.byteSize(); ) {
      long table = (start + done) >> options.clusterBits();
      long inTable = (start + done) & (size - 1);
      long length = Math.min(size - inTable, target.byteSize() - done);
      long cluster =
          (index(table) << (options.tableBits() - options.clusterBits()))
              + inTable / options.entrySize();
      fillTable(cluster << options.clusterBits(), target.asSlice(done, length));
      done += length;
    }
  }

  /// The entry of the L1 table that has the given table.
  private long index(long table) {
    int found = Arrays.binarySearch(before, table);
    int run = found >= 0 ? found : -found - 2;
    while (before[run + 1] <= table) {
      run++;
    }
    return firstNew(run) + table - before[run];
  }

  /// Fills entries from the one of the cluster at `offset` on.
  private void fillTable(long offset, MemorySegment target) {
    long end = offset + ((target.byteSize() / options.entrySize()) << options.clusterBits());
    int run = clusters.runAfter(offset);
    for (; run < clusters.count() && clusters.start(run) < end; run++) {
      long from = Math.max(clusters.start(run), offset);
      long to = Math.min(clusters.end(run), end);
      if (clusters.isZero(run)) {
        fillZeros(target, (from - offset) >> options.clusterBits(), to - from);
      } else {
        fillPlaces(target, run, from, to, offset);
      }
    }
    subclusters.ifPresent(runs -> fillBitmaps(runs, offset, end, target));
  }

  private void fillZeros(MemorySegment target, long entry, long length) {
    long last = entry + options.clusters(length);
    for (long at = entry; at < last; at++) {
      if (options.extended()) {
        target.set(LONG, at * 16 + 8, Subclusters.ALL_ZERO);
      } else {
        target.set(LONG, at * 8, L2Entry.ZERO);
      }
    }
  }

  private void fillPlaces(MemorySegment target, int run, long from, long to, long offset) {
    int bits = options.clusterBits();
    long rank = (clusters.dataBefore(run) + from - clusters.start(run)) >> bits;
    boolean whole = options.extended() && subclusters.isEmpty();
    for (long at = from; at < to; at += options.clusterSize()) {
      long entry = places.entry(rank++, at);
      long position = ((at - offset) >> bits) * options.entrySize();
      target.set(LONG, position, entry);
      if (whole && !L2Entry.compressed(entry)) {
        target.set(LONG, position + 8, Subclusters.ALL_ALLOCATED);
      }
    }
  }

  private void fillBitmaps(Allocation runs, long offset, long end, MemorySegment target) {
    int bits = options.clusterBits();
    int unitBits = bits - 5;
    int run = runs.runAfter(offset);
    for (; run < runs.count() && runs.start(run) < end; run++) {
      int shift = runs.isZero(run) ? 32 : 0;
      long to = Math.min(runs.end(run), end);
      for (long at = Math.max(runs.start(run), offset); at < to; ) {
        long next = Math.min(((at >> bits) + 1) << bits, to);
        long first = (at >> unitBits) & 31;
        long count = (next - at) >> unitBits;
        long mask = ((1L << count) - 1) << (first + shift);
        long position = ((at - offset) >> bits) * 16 + 8;
        target.set(LONG, position, target.get(LONG, position) | mask);
        at = next;
      }
    }
  }
}
