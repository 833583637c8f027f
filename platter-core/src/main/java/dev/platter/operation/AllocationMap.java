package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import java.io.IOException;

/// Walks a disk's map.
public final class AllocationMap {
  private AllocationMap() {}

  /// Takes the runs of a map.
  @FunctionalInterface
  public interface Sink {
    /// Takes the next run.
    void accept(Extent extent) throws IOException;
  }

  /// Hands over the runs of a range, in ascending order and as long as they can be: neighbours of
  /// one kind, depth and place are one run.
  public static void walk(
      BlockDevice device, long offset, long length, Progress progress, Sink sink)
      throws IOException {
    throw new IOException("not yet");
  }
}
