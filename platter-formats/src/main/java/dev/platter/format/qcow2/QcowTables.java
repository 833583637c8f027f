package dev.platter.format.qcow2;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Where the tables of an open image are, and their entries through a bounded cache. Every pointer
/// is checked when it is followed, never before: opening an image reads none of them.
final class QcowTables {
  /// The order in which changed tables go out.
  static final int REFCOUNTS = 0;

  static final int REFCOUNT_TABLE = 1;
  static final int L2 = 2;
  static final int L1 = 3;

  private static final int PAGE = 4096;

  final Storage storage;
  final Storage data;
  volatile QcowHead head;
  final TableCache cache;
  final int clusterBits;
  final int clusterSize;
  final int l2Bits;
  final boolean extended;
  final boolean external;
  final boolean encrypted;
  final RefcountWidth width;
  private long l1Offset;
  private long l1Size;
  private long refcountOffset;
  private long refcountEntries;
  private volatile long end;
  private volatile long dataEnd;

  /// @param data where guest clusters are: `storage` itself, or a data file, decrypted
  QcowTables(Storage storage, Storage data, QcowHead head, Limits limits) {
    QcowHeader header = head.header();
    this.storage = storage;
    this.data = data;
    this.head = head;
    this.clusterBits = (int) header.clusterBits();
    this.clusterSize = header.clusterSize();
    this.l2Bits = header.l2Bits();
    this.extended = header.extended();
    this.external = header.has(QcowFeatures.DATA_FILE);
    this.encrypted = header.cryptMethod() != 0;
    this.width = new RefcountWidth((int) header.refcountOrder());
    this.cache =
        new TableCache(
            storage, ByteOrder.BIG_ENDIAN, 0, Math.min(PAGE, clusterSize), limits.tableCache());
    this.l1Offset = header.l1Offset();
    this.l1Size = header.l1Size();
    this.refcountOffset = header.refcountOffset();
    this.refcountEntries = header.refcountClusters() << (clusterBits - 3);
  }

  /// Entries of the active L1 table.
  long l1Size() {
    return l1Size;
  }

  long l1Offset() {
    return l1Offset;
  }

  /// Entries of the refcount table.
  long refcountEntries() {
    return refcountEntries;
  }

  long refcountOffset() {
    return refcountOffset;
  }

  /// The header says now that the L1 table is elsewhere.
  void l1MovedTo(long offset, long size) {
    l1Offset = offset;
    l1Size = size;
  }

  /// The header says now that the refcount table is elsewhere.
  void refcountsMovedTo(long offset, long entries) {
    refcountOffset = offset;
    refcountEntries = entries;
  }

  /// An entry of the active L1 table; 0 for those that a short table does not have.
  long l1(long index) throws IOException {
    if (index >= l1Size) {
      return 0;
    }
    long at = l1Offset + 8 * index;
    if (l1Offset < clusterSize || at > end(at + 8) - 8) {
      throw corrupt("L1 entry " + index + " at " + hex(at) + " is not inside the file");
    }
    return cache.getLong(at);
  }

  void setL1(long index, long entry) throws IOException {
    cache.setLong(l1Offset + 8 * index, entry, L1);
  }

  /// The L2 table of an L1 entry, 0 if there is none.
  long l2(long index) throws IOException {
    long entry = l1(index);
    long table = L2Entry.place(entry);
    if (table != 0 && !isTable(table)) {
      throw corrupt(
          "L1 entry "
              + index
              + " at "
              + hex(l1Offset + 8 * index)
              + " is "
              + hex(entry)
              + ", expected a cluster of the file for its L2 table");
    }
    return table;
  }

  /// Where the entry of a cluster of the disk is in an L2 table.
  long l2Entry(long table, long cluster) {
    return table + ((cluster & (1L << l2Bits) - 1) << (extended ? 4 : 3));
  }

  /// The refcount block of an entry of the refcount table, 0 if there is none.
  long refcountBlock(long index) throws IOException {
    if (index >= refcountEntries) {
      return 0;
    }
    long at = refcountOffset + 8 * index;
    if (refcountOffset < clusterSize || at > end(at + 8) - 8) {
      throw corrupt("refcount table entry " + index + " at " + hex(at) + " is not inside the file");
    }
    long block = cache.getLong(at);
    if (block != 0 && !isTable(block)) {
      throw corrupt(
          "refcount table entry "
              + index
              + " at "
              + hex(at)
              + " is "
              + hex(block)
              + ", expected a cluster of the file for its refcount block");
    }
    return block;
  }

  void setRefcountBlock(long index, long block) throws IOException {
    cache.setLong(refcountOffset + 8 * index, block, REFCOUNT_TABLE);
  }

  private boolean isTable(long position) throws IOException {
    return (position & (clusterSize - 1)) == 0
        && position >= clusterSize
        && position < end(position + clusterSize);
  }

  /// The main file's size, asked anew if it was less than `wanted`.
  long end(long wanted) throws IOException {
    long known = end;
    if (known < wanted) {
      known = storage.size();
      end = known;
    }
    return known;
  }

  /// The size of what guest clusters are in, asked anew if it was less than `wanted`.
  long dataEnd(long wanted) throws IOException {
    if (!external) {
      return end(wanted);
    }
    long known = dataEnd;
    if (known < wanted) {
      known = data.size();
      dataEnd = known;
    }
    return known;
  }

  /// Makes the main file at least so large, with zeros.
  void extend(long size) throws IOException {
    if (end(size) < size) {
      storage.resize(size);
      end = size;
    }
  }

  /// Overwrites fields of the header, all inside one sector.
  void writeHeader(long position, ByteBuffer fields) throws IOException {
    storage.write(position, MemorySegment.ofBuffer(fields.flip()));
  }

  ImageException.Corrupt corrupt(String what) {
    return new ImageException.Corrupt(storage.name(), what);
  }

  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }
}
