package dev.platter.format.qcow2;

import java.util.ArrayList;
import java.util.List;

/// The entries of L2 tables for the units placed so far: eight bytes a unit. Positions ascend.
final class QcowPackingPlaces {
  private static final int CHUNK_BITS = 13;

  private final int clusterBits;
  private final List<long[]> chunks = new ArrayList<>();
  private long count;

  QcowPackingPlaces(int clusterBits) {
    this.clusterBits = clusterBits;
  }

  void add(long entry) {
    int at = (int) count & ((1 << CHUNK_BITS) - 1);
    if (at == 0) {
      chunks.add(new long[1 << CHUNK_BITS]);
    }
    chunks.getLast()[at] = entry;
    count++;
  }

  long count() {
    return count;
  }

  long get(long unit) {
    return chunks.get((int) (unit >> CHUNK_BITS))[(int) unit & ((1 << CHUNK_BITS) - 1)];
  }

  private long start(long unit) {
    long entry = get(unit);
    return L2Entry.compressed(entry)
        ? L2Entry.encodedPosition(entry, clusterBits)
        : L2Entry.place(entry);
  }

  private long end(long unit) {
    long entry = get(unit);
    return L2Entry.compressed(entry)
        ? start(unit) + L2Entry.encodedLength(entry, clusterBits)
        : start(unit) + (1L << clusterBits);
  }

  /// The first cluster of the file that a unit touches.
  long firstCluster(long unit) {
    return start(unit) >> clusterBits;
  }

  /// The last cluster of the file that a unit touches.
  long lastCluster(long unit) {
    return (end(unit) - 1) >> clusterBits;
  }

  /// The first unit that touches a cluster of the file or a later one; [#count] if none does.
  long firstTouching(long cluster) {
    long low = 0;
    long high = count;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (lastCluster(middle) < cluster) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
