package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

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
    Objects.checkFromIndexSize(offset, length, device.size());
    long end = offset + length;
    Optional<Extent> last = Optional.empty();
    for (long at = offset; at < end; ) {
      progress.checkpoint();
      Extent next = device.extent(at, end - at);
      if (last.isPresent() && follows(last.get(), next)) {
        last = Optional.of(joined(last.get(), next));
      } else {
        if (last.isPresent()) {
          sink.accept(last.get());
        }
        last = Optional.of(next);
      }
      at = next.end();
      progress.report(at - offset, length);
    }
    if (last.isPresent()) {
      sink.accept(last.get());
    }
  }

  private static boolean follows(Extent one, Extent other) {
    return one.kind() == other.kind()
        && one.depth() == other.depth()
        && one.encoded() == other.encoded()
        && (one.position() < 0
            ? other.position() < 0
            : one.position() + one.length() == other.position())
        && one.storage().equals(other.storage());
  }

  private static Extent joined(Extent one, Extent other) {
    return new Extent(
        one.offset(),
        one.length() + other.length(),
        one.kind(),
        one.depth(),
        one.encoded(),
        one.storage(),
        one.position());
  }
}
