package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Buffers;
import dev.platter.Extent;
import dev.platter.Zeros;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// Compares what two disks hold, without reading what both know to be zeros or have in the same
/// place.
///
/// @param first a disk
/// @param second another
/// @param rule what else must be the same besides the bytes
/// @param threads how many threads read
/// @param progress who hears how far it is
public record Compare(
    BlockDevice first, BlockDevice second, Rule rule, int threads, Progress progress) {
  private static final int BUFFER = 1 << 20;

  /// Compares the bytes, on all cores.
  public static Compare of(BlockDevice first, BlockDevice second) {
    return new Compare(first, second, Rule.CONTENT, Workers.cores(), Progress.none());
  }

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
    if (rule == Rule.STRICT && first.size() != second.size()) {
      return new Result.SizesDiffer(first.size(), second.size());
    }
    var walk = new Walk();
    Workers.run(threads, "compare", walk::work);
    walk.meter.finish();
    return walk.result;
  }

  /// A run in which at least one disk may have something.
  private record Claim(long start, long length, boolean firstZero, boolean secondZero) {}

  private final class Walk {
    private final long size = Math.max(first.size(), second.size());
    private final BlockDevice one = Joined.of(List.of(first), size);
    private final BlockDevice other = Joined.of(List.of(second), size);
    private final Meter meter = new Meter(progress, size);
    private long at;
    private long found = Long.MAX_VALUE;
    private Result result = new Result.Identical();

    private void work(Workers crew) throws IOException {
      try (Buffers.Lease left = Buffers.lease(BUFFER);
          Buffers.Lease right = Buffers.lease(BUFFER)) {
        for (Optional<Claim> claim = next(); claim.isPresent() && !crew.stopped(); claim = next()) {
          compare(claim.get(), left.segment(), right.segment());
          meter.done(claim.get().length());
        }
      }
    }

    private synchronized Optional<Claim> next() throws IOException {
      while (at < Math.min(size, found)) {
        long start = at;
        Extent left = one.extent(start, size - start);
        Extent right = other.extent(start, left.length());
        boolean leftZero = left.kind().isZero();
        boolean rightZero = right.kind().isZero();
        long length = right.length();
        if (rule == Rule.STRICT && leftZero != rightZero) {
          report(start, new Result.AllocationDiffers(start));
          break;
        }
        if (Twins.equal(left, right)) {
          at = start + length;
          meter.done(length);
        } else {
          length = Math.min(length, BUFFER - start % BUFFER);
          at = start + length;
          return Optional.of(new Claim(start, length, leftZero, rightZero));
        }
      }
      return Optional.empty();
    }

    private synchronized void report(long offset, Result difference) {
      if (offset < found) {
        found = offset;
        result = difference;
      }
    }

    private void compare(Claim claim, MemorySegment left, MemorySegment right) throws IOException {
      long differs;
      if (claim.firstZero || claim.secondZero) {
        BlockDevice data = claim.firstZero ? other : one;
        MemorySegment bytes = left.asSlice(0, claim.length);
        data.read(claim.start, bytes);
        long zeros = Zeros.prefix(bytes);
        differs = zeros == claim.length ? -1 : zeros;
      } else {
        MemorySegment bytes = left.asSlice(0, claim.length);
        MemorySegment others = right.asSlice(0, claim.length);
        one.read(claim.start, bytes);
        other.read(claim.start, others);
        differs = bytes.mismatch(others);
      }
      if (differs >= 0) {
        report(claim.start + differs, new Result.ContentDiffers(claim.start + differs));
      }
    }
  }
}
