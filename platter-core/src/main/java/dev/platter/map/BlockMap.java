package dev.platter.map;

import dev.platter.image.Mapping;
import dev.platter.io.Storage;
import java.io.IOException;

/// Where the blocks of a disk are. A block has a place of its own or a mark; there is no state
/// below the block.
///
/// Positions are plain numbers, and one [Mapping] is made for a whole run of blocks.
public interface BlockMap {
  /// The mark of a block that the image says nothing about.
  long UNALLOCATED = -1;

  /// The mark of a block that reads as zeros.
  long ZERO = -2;

  /// How many blocks the map has.
  long blocks();

  /// Bytes of a block.
  long blockSize();

  /// The position of a block's first byte in the storage, [#UNALLOCATED] or [#ZERO].
  long get(long block) throws IOException;

  /// How many blocks from `block` on, at most `limit`, have the same mark, or stand one behind the
  /// other.
  ///
  /// @param limit at least 1; `block + limit` is at most [#blocks]
  default long run(long block, long limit) throws IOException {
    long first = get(block);
    long step = first < 0 ? 0 : blockSize();
    long count = 1;
    while (count < limit && get(block + count) == first + count * step) {
      count++;
    }
    return count;
  }

  /// The longest run from `offset` on, at most `length`, that is of one kind and, where it is
  /// stored, in one piece.
  ///
  /// @param data what positions are in
  /// @param length at least 1; the run is inside the map
  default Mapping map(Storage data, long offset, long length) throws IOException {
    long block = offset / blockSize();
    long inBlock = offset % blockSize();
    long first = get(block);
    long last = (offset + length - 1) / blockSize();
    long run = Math.min(run(block, last - block + 1) * blockSize() - inBlock, length);
    if (first == ZERO) {
      return new Mapping.Zero(run);
    }
    return first == UNALLOCATED
        ? new Mapping.Unallocated(run)
        : new Mapping.Stored(data, first + inBlock, run);
  }
}
