package dev.platter.format.dmg;

import dev.platter.image.ImageException.Corrupt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// All chunks of a disk by their place on it. It takes about 36 bytes of memory a chunk.
final class ChunkMap {
  private final long[] starts;
  private final long[] ends;
  private final long[] positions;
  private final long[] lengths;
  private final ChunkKind[] kinds;
  private int count;

  ChunkMap(int capacity) {
    starts = new long[capacity];
    ends = new long[capacity];
    positions = new long[capacity];
    lengths = new long[capacity];
    kinds = new ChunkKind[capacity];
  }

  /// Adds a chunk behind all others of its table.
  ///
  /// @param start offset on the disk
  /// @param end likewise
  void add(ChunkKind kind, long start, long end, long position, long length) {
    starts[count] = start;
    ends[count] = end;
    positions[count] = position;
    lengths[count] = length;
    kinds[count] = kind;
    count++;
  }

  int count() {
    return count;
  }

  /// Offset on the disk.
  long start(int chunk) {
    return starts[chunk];
  }

  /// Offset on the disk.
  long end(int chunk) {
    return ends[chunk];
  }

  /// Where its bytes are in the file.
  long position(int chunk) {
    return positions[chunk];
  }

  /// Bytes in the file.
  long length(int chunk) {
    return lengths[chunk];
  }

  ChunkKind kind(int chunk) {
    return kinds[chunk];
  }

  /// The first chunk that ends behind an offset, [#count] if none does.
  int after(long offset) {
    int found = Arrays.binarySearch(ends, 0, count, offset);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /// The same chunks in the order of the disk: those of each table are in order, the tables need
  /// not be.
  ///
  /// @param tables the index of the first chunk of each table
  /// @throws Corrupt if two chunks are for the same sectors
  ChunkMap sorted(String file, List<Integer> tables) throws Corrupt {
    List<Integer> order = new ArrayList<>();
    for (int table = 0; table < tables.size(); table++) {
      if (tables.get(table) < last(tables, table)) {
        order.add(table);
      }
    }
    order.sort(Comparator.comparingLong(table -> starts[tables.get(table)]));
    var sorted = new ChunkMap(count);
    for (int table : order) {
      for (int chunk = tables.get(table); chunk < last(tables, table); chunk++) {
        if (sorted.count > 0 && starts[chunk] < sorted.ends[sorted.count - 1]) {
          throw new Corrupt(
              file, "two chunks are for the sector " + starts[chunk] / KolyTrailer.SECTOR);
        }
        sorted.add(kind(chunk), starts[chunk], ends[chunk], positions[chunk], lengths[chunk]);
      }
    }
    return sorted;
  }

  private int last(List<Integer> tables, int table) {
    return table + 1 < tables.size() ? tables.get(table + 1) : count;
  }

  /// The chunks that have bytes in the file, in the order of the file.
  int[] byPosition() {
    return IntStream.range(0, count)
        .filter(chunk -> lengths[chunk] > 0)
        .boxed()
        .sorted(Comparator.comparingLong(chunk -> positions[chunk]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
