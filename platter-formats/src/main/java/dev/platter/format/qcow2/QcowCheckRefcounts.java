package dev.platter.format.qcow2;

import dev.platter.io.Storage;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.nio.ByteOrder;

/// The reference counts that the file has, and their change in place.
final class QcowCheckRefcounts {
  /// The count cannot be read: the entry for its block makes no sense.
  static final long UNKNOWN = -1;

  private static final int STAGE = 0;
  private static final long MEMORY = 4 << 20;

  private final QcowHeader header;
  private final QcowCheckEntry judge;
  private final RefcountWidth width;
  private final TableCache tables;
  private final long fileSize;

  QcowCheckRefcounts(Storage storage, QcowHeader header) throws IOException {
    this.header = header;
    this.judge =
        new QcowCheckEntry(
            (int) header.clusterBits(), header.extended(), header.has(QcowFeatures.DATA_FILE));
    this.width = new RefcountWidth((int) header.refcountOrder());
    this.tables =
        new TableCache(
            storage, ByteOrder.BIG_ENDIAN, 0, Math.min(header.clusterSize(), 64 << 10), MEMORY);
    this.fileSize = storage.size();
  }

  /// The highest count that can be stored.
  long max() {
    return width.max();
  }

  /// Where the block for a cluster is: 0 if there is none, [#UNKNOWN] if nobody can tell.
  private long block(long cluster) throws IOException {
    long index = cluster >> width.blockBits((int) header.clusterBits());
    if (index >= header.refcountClusters() << (header.clusterBits() - 3)) {
      return 0;
    }
    long entry = tables.getLong(header.refcountOffset() + index * Long.BYTES);
    long place = QcowCheckEntry.block(entry);
    return !judge.aligned(place) ? UNKNOWN : place >= 0 && place < fileSize ? place : 0;
  }

  private int index(long cluster) {
    return (int) (cluster & (1L << width.blockBits((int) header.clusterBits())) - 1);
  }

  /// The count of a cluster.
  long get(long cluster) throws IOException {
    long block = block(cluster);
    if (block == UNKNOWN || block == 0) {
      return block;
    }
    long count = width.get(tables, block, index(cluster));
    // of 64 bits: more than anything can be
    return count < 0 ? Long.MAX_VALUE : count;
  }

  /// Whether the count of a cluster has a place in the file.
  boolean exists(long cluster) throws IOException {
    long block = block(cluster);
    return block != UNKNOWN && block != 0;
  }

  /// Changes the count of a cluster that has a place for it.
  void set(long cluster, long count) throws IOException {
    if (tables.crowded()) {
      write();
    }
    width.set(tables, block(cluster), index(cluster), count, STAGE);
  }

  /// Writes what was changed.
  void write() throws IOException {
    tables.writeBack(STAGE);
  }
}
