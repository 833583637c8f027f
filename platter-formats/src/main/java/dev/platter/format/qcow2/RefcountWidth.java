package dev.platter.format.qcow2;

import dev.platter.map.TableCache;
import java.io.IOException;

/// Reads and writes reference counts of a width. A refcount block has them one after the other;
/// where several share a byte, the first one has its lowest bits.
///
/// @param order a count has `1 << order` bits; 0 to 6
record RefcountWidth(int order) {

  /// Bits of a count.
  int bits() {
    return 1 << order;
  }

  /// The highest count; of 64 bits only 63 are used, as QEMU does.
  long max() {
    return order == 6 ? Long.MAX_VALUE : (1L << bits()) - 1;
  }

  /// Counts in a block, as a power of two.
  int blockBits(int clusterBits) {
    return clusterBits + 3 - order;
  }

  /// A count in an array that holds a block, or some of it.
  ///
  /// @param index which count, from the array's start
  long get(byte[] block, int index) {
    if (order < 3) {
      int shift = index << order & 7;
      return (block[index >>> (3 - order)] & 0xff) >>> shift & max();
    }
    int size = 1 << (order - 3);
    long value = 0;
    for (int i = 0; i < size; i++) {
      value = value << 8 | (block[index * size + i] & 0xff);
    }
    return value;
  }

  /// Changes a count in an array.
  void set(byte[] block, int index, long value) {
    if (order < 3) {
      int at = index >>> (3 - order);
      int shift = index << order & 7;
      block[at] = (byte) ((block[at] & ~(max() << shift)) | (value << shift));
      return;
    }
    int size = 1 << (order - 3);
    for (int i = 0; i < size; i++) {
      block[index * size + i] = (byte) (value >>> (8 * (size - 1 - i)));
    }
  }

  /// A count in a block of the file.
  long get(TableCache tables, long block, int index) throws IOException {
    return switch (order) {
      case 3 -> tables.getByte(block + index);
      case 4 -> tables.getByte(block + 2L * index) << 8 | tables.getByte(block + 2L * index + 1);
      case 5 -> tables.getInt(block + 4L * index);
      case 6 -> tables.getLong(block + 8L * index);
      default -> tables.getByte(block + (index >>> (3 - order))) >>> (index << order & 7) & max();
    };
  }

  /// Changes a count in a block of the file.
  void set(TableCache tables, long block, int index, long value, int stage) throws IOException {
    switch (order) {
      case 3 -> tables.setByte(block + index, (int) value, stage);
      case 4 -> {
        tables.setByte(block + 2L * index, (int) (value >>> 8), stage);
        tables.setByte(block + 2L * index + 1, (int) value, stage);
      }
      case 5 -> tables.setInt(block + 4L * index, value, stage);
      case 6 -> tables.setLong(block + 8L * index, value, stage);
      default -> {
        long at = block + (index >>> (3 - order));
        int shift = index << order & 7;
        long others = tables.getByte(at) & ~(max() << shift);
        tables.setByte(at, (int) (others | value << shift), stage);
      }
    }
  }
}
