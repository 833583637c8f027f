package dev.platter.operation;

import dev.platter.BlockDevice;

/// A range of a disk as a disk of its own, cut as `dd` counts it: what is converted then is the
/// range.
public final class Copy {
  private Copy() {}

  /// A part of a disk, in blocks.
  ///
  /// @param blockSize bytes of a block, at least 1
  /// @param skip blocks to leave out at the start; nothing is left if the disk ends before
  /// @param count blocks to take; fewer if the disk ends before
  public static BlockDevice range(BlockDevice source, long blockSize, long skip, long count) {
    if (blockSize < 1 || skip < 0 || count < 0) {
      throw new IllegalArgumentException(
          "bs="
              + blockSize
              + " skip="
              + skip
              + " count="
              + count
              + ": expected bs of at least 1,"
              + " skip and count of at least 0");
    }
    long start = Math.min(bytes(blockSize, skip), source.size());
    long length = Math.min(bytes(blockSize, count), source.size() - start);
    return Joined.part(source, start, length);
  }

  private static long bytes(long blockSize, long blocks) {
    return blocks > Long.MAX_VALUE / blockSize ? Long.MAX_VALUE : blockSize * blocks;
  }
}
