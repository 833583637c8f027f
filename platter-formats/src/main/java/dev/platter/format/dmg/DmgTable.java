package dev.platter.format.dmg;

import java.util.Arrays;

/// The chunks of a new image, in their order.
final class DmgTable {
  private long[] numbers = new long[256];
  private int used;
  private int count;
  private long sector;

  private static final int WORDS = 4;

  /// The sector behind the last chunk.
  long sector() {
    return sector;
  }

  int count() {
    return count;
  }

  /// Adds a chunk; sectors between the last one and it become zeros.
  void add(ChunkKind kind, long firstSector, long sectors, long offset, long length) {
    if (firstSector > sector) {
      append(ChunkKind.ZERO, sector, firstSector - sector, offset, 0);
    }
    append(kind, firstSector, sectors, offset, length);
    sector = firstSector + sectors;
  }

  /// Ends the table: what is left of the disk is zeros.
  ///
  /// @param offset where the data ends
  void end(long sectors, long offset) {
    if (sectors > sector) {
      append(ChunkKind.ZERO, sector, sectors - sector, offset, 0);
    }
    append(ChunkKind.END, sectors, 0, offset, 0);
    sector = sectors;
  }

  private void append(ChunkKind kind, long first, long sectors, long offset, long length) {
    if (used + WORDS + 1 > numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * numbers.length);
    }
    numbers[used] = kind.code();
    numbers[used + 1] = first;
    numbers[used + 2] = sectors;
    numbers[used + 3] = offset;
    numbers[used + WORDS] = length;
    used += WORDS + 1;
    count++;
  }

  /// A chunk of the table.
  Chunk chunk(int index) {
    int at = (WORDS + 1) * index;
    return new Chunk(
        numbers[at], 0, numbers[at + 1], numbers[at + 2], numbers[at + 3], numbers[at + WORDS]);
  }
}
