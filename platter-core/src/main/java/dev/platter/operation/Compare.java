package dev.platter.operation;

import dev.platter.BlockDevice;
import java.io.IOException;

/// Compares what two disks hold, without reading what both know to be zeros.
///
/// @param first a disk
/// @param second another
/// @param rule what else must be the same besides the bytes
/// @param threads how many threads read
/// @param progress who hears how far it is
public record Compare(
    BlockDevice first, BlockDevice second, Rule rule, int threads, Progress progress) {

  /// What counts as a difference.
  public enum Rule {
    /// Bytes that differ; what one disk has more must be zeros.
    CONTENT,
    /// Also a different size, and a run that only one of the disks has stored.
    STRICT
  }

  /// What came out.
  public sealed interface Result {
    /// No difference.
    record Identical() implements Result {}

    /// The first byte that differs.
    record ContentDiffers(long offset) implements Result {}

    /// The first byte that one disk has stored and the other has not; only of [Rule#STRICT].
    record AllocationDiffers(long offset) implements Result {}

    /// The sizes differ; only of [Rule#STRICT].
    record SizesDiffer(long first, long second) implements Result {}
  }

  /// Compares.
  public Result run() throws IOException {
    throw new IOException("not yet");
  }
}
