package dev.platter.format.sparseimage;

import dev.platter.image.ImageException.Corrupt;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Where the bands of a disk are: from all nodes of an image, sorted by band. It takes 16 bytes of
/// memory a band that is stored.
final class Bands {
  private final String file;
  private final HeaderNode header;
  private final List<Long> nodes = new ArrayList<>();
  private long[] numbers = new long[64];
  private long[] positions = new long[64];
  private int count;

  private Bands(String file, HeaderNode header) {
    this.file = file;
    this.header = header;
  }

  /// Reads all nodes.
  static Bands read(Storage storage, HeaderNode header, Limits limits) throws IOException {
    var bands = new Bands(storage.name(), header);
    bands.readNodes(storage, limits);
    bands.sort();
    return bands;
  }

  private void readNodes(Storage storage, Limits limits) throws IOException {
    long position = 0;
    int head = HeaderNode.STRUCT.size();
    long next = header.next();
    while (true) {
      nodes.add(position);
      Limits.check(file, "bytes of nodes", nodes.size() * (long) HeaderNode.NODE, limits.tables());
      if (position > storage.size() - HeaderNode.NODE) {
        throw new Corrupt(file, "has a node at " + position + ", and ends at " + storage.size());
      }
      byte[] bytes = new byte[HeaderNode.NODE];
      storage.read(position, MemorySegment.ofArray(bytes));
      add(ByteBuffer.wrap(bytes, head, bytes.length - head), position, storage.size());
      if (next == 0) {
        return;
      }
      // each node is behind the bands of the one before, so that there is no way back
      if (next <= position || next > storage.size() - HeaderNode.NODE) {
        throw new Corrupt(
            file,
            "node at "
                + position
                + " says that the next one is at "
                + Long.toUnsignedString(next)
                + ", and the file ends at "
                + storage.size());
      }
      position = next;
      IndexNode node = IndexNode.STRUCT.read(storage, position).checked(file, position);
      head = IndexNode.STRUCT.size();
      next = node.next();
    }
  }

  private void add(ByteBuffer entries, long node, long fileSize) throws Corrupt {
    long size = header.size();
    int band = header.band();
    for (long place = node + HeaderNode.NODE; entries.hasRemaining(); place += band) {
      long number = (entries.getInt() & 0xffff_ffffL) - 1;
      if (number < 0) {
        continue;
      }
      if (number * band >= size) {
        throw new Corrupt(
            file, "node at " + node + " has the band " + number + " behind the disk's end");
      }
      long needed = Math.min(band, size - number * band);
      if (place > fileSize - needed) {
        throw new Corrupt(
            file, "has the band " + number + " at " + place + ", and ends at " + fileSize);
      }
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
        positions = Arrays.copyOf(positions, 2 * count);
      }
      numbers[count] = number;
      positions[count++] = place;
    }
  }

  private void sort() throws Corrupt {
    Integer[] order = new Integer[count];
    Arrays.setAll(order, index -> index);
    Arrays.sort(order, (one, other) -> Long.compare(numbers[one], numbers[other]));
    long[] sortedNumbers = new long[count];
    long[] sortedPositions = new long[count];
    for (int index = 0; index < count; index++) {
      sortedNumbers[index] = numbers[order[index]];
      sortedPositions[index] = positions[order[index]];
      if (index > 0 && sortedNumbers[index] == sortedNumbers[index - 1]) {
        throw new Corrupt(file, "has the band " + sortedNumbers[index] + " twice");
      }
    }
    numbers = sortedNumbers;
    positions = sortedPositions;
  }

  /// Where the nodes are.
  List<Long> nodes() {
    return nodes;
  }

  /// How many bands are stored.
  int count() {
    return count;
  }

  /// A stored band's number.
  long number(int index) {
    return numbers[index];
  }

  /// Where a stored band is.
  long position(int index) {
    return positions[index];
  }

  /// The first stored band of this number or a higher one, [#count] if there is none.
  int from(long number) {
    int found = Arrays.binarySearch(numbers, number);
    return found >= 0 ? found : -found - 1;
  }
}
