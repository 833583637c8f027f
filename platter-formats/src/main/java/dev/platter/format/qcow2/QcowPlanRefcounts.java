package dev.platter.format.qcow2;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// How many refcount blocks and tables a file takes, and their bytes where every cluster is used
/// once.
///
/// @param clusterBits log2 of the cluster size
/// @param order log2 of a reference count's bits
/// @param clusters clusters of the file, the blocks and the table counted
/// @param blocks refcount blocks
/// @param table clusters of the refcount table
record QcowPlanRefcounts(int clusterBits, int order, long clusters, long blocks, long table) {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /// What a file needs.
  ///
  /// @param others clusters that are neither refcount blocks nor their table
  /// @throws IllegalArgumentException if QEMU would not read so long a refcount table
  static QcowPlanRefcounts of(int clusterBits, int order, long others) {
    QcowPlanOptions.require(
        others <= 1L << (55 - clusterBits),
        "a file of " + others + " clusters of " + (1L << clusterBits) + " bytes is not possible");
    long perBlock = 8L << (clusterBits - order);
    long blocks = 1;
    long table = 1;
    while (true) {
      long clusters = others + blocks + table;
      long needed = (clusters + perBlock - 1) / perBlock;
      long neededTable = ((needed * Long.BYTES - 1) >> clusterBits) + 1;
      if (needed <= blocks && neededTable <= table) {
        break;
      }
      blocks = Math.max(needed, blocks);
      table = Math.max(neededTable, table);
    }
    QcowPlanOptions.require(
        blocks * Long.BYTES <= QcowPlanOptions.REFCOUNT_TABLE_LIMIT,
        "a file of "
            + others
            + " clusters is too large for cluster_size="
            + (1L << clusterBits)
            + " and refcount_bits="
            + (1 << order));
    return new QcowPlanRefcounts(clusterBits, order, others + blocks + table, blocks, table);
  }

  /// Fills a part of the refcount table.
  ///
  /// @param position where the first block is; the others follow it
  void fillTable(long start, MemorySegment target, long position) {
    long from = start / Long.BYTES;
    long to = Math.min(from + target.byteSize() / Long.BYTES, blocks);
    for (long block = from; block < to; block++) {
      target.set(LONG, (block - from) * Long.BYTES, position + (block << clusterBits));
    }
  }

  /// Fills a part of the blocks with a count of 1 for every cluster.
  void fillOnes(long start, MemorySegment target) {
    long first = (start * 8) >> order;
    long count = Math.min((target.byteSize() * 8) >> order, clusters - first);
    if (order >= 3) {
      long bytes = 1L << (order - 3);
      for (long at = bytes - 1; at < count * bytes; at += bytes) {
        target.set(ValueLayout.JAVA_BYTE, at, (byte) 1);
      }
      return;
    }
    int perByte = 8 >> order;
    int ones = 0xff / ((1 << (1 << order)) - 1);
    long whole = Math.max(count, 0) / perByte;
    target.asSlice(0, whole).fill((byte) ones);
    int rest = (int) (Math.max(count, 0) % perByte);
    if (rest > 0) {
      int mask = (1 << (rest << order)) - 1;
      target.set(ValueLayout.JAVA_BYTE, whole, (byte) (ones & mask));
    }
  }
}
