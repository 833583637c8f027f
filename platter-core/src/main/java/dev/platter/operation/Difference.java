package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Buffers;
import dev.platter.Extent;
import dev.platter.Zeros;
import dev.platter.image.Allocation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds every run of a disk that another disk has differently. What both know to be zeros or have
/// in the same place is not read.
///
/// @param before a disk, as if it went on with zeros behind its end
/// @param after the disk whose runs are told; what `before` has behind its end does not count
/// @param unit bytes that are compared as a whole, a power of two
/// @param threads how many threads read
/// @param progress who hears how far it is
public record Difference(
    BlockDevice before, BlockDevice after, long unit, int threads, Progress progress) {
  private static final int BUFFER = 1 << 20;

  /// Compares.
  ///
  /// @return what of `after` is different, in whole units: runs of zeros where all of a unit is
  ///   zeros, otherwise data
  public Allocation run() throws IOException {
    var walk = new Walk();
    Workers.run(threads, "difference", walk::work);
    walk.meter.finish();
    return walk.runs.build(after.size());
  }

  /// Whole units that may differ.
  ///
  /// @param ticket its place in the order
  private record Claim(long ticket, long start, long end) {}

  /// Units that follow each other and are of one kind.
  private record Run(long start, long end, boolean zeros) {}

  private final class Walk {
    private final long size = after.size();
    private final BlockDevice old = Joined.of(List.of(before), size);
    private final Meter meter = new Meter(progress, size);
    private final Allocation.Builder runs = new Allocation.Builder();
    private final InOrder<List<Run>> order = new InOrder<>(this::add);
    private long at;
    private long tickets;

    private void work(Workers crew) throws IOException {
      try (Buffers.Lease left = Buffers.lease(BUFFER);
          Buffers.Lease right = Buffers.lease(BUFFER)) {
        for (Optional<Claim> claim = next(); claim.isPresent() && !crew.stopped(); claim = next()) {
          List<Run> found = compare(claim.get(), left.segment(), right.segment());
          order.deliver(claim.get().ticket(), found);
          meter.done(claim.get().end() - claim.get().start());
        }
      }
    }

    private synchronized Optional<Claim> next() throws IOException {
      while (at < size) {
        long start = at;
        Extent left = old.extent(start, size - start);
        Extent right = after.extent(start, left.length());
        long equal = right.end() == size ? size : right.end() & -unit;
        if (equal > start && Twins.equal(left, right)) {
          at = equal;
          meter.done(equal - start);
        } else {
          at = Math.min(start + Math.max(unit, BUFFER), size);
          return Optional.of(new Claim(tickets++, start, at));
        }
      }
      return Optional.empty();
    }

    private List<Run> compare(Claim claim, MemorySegment left, MemorySegment right)
        throws IOException {
      List<Run> found = new ArrayList<>();
      if (unit >= BUFFER) {
        compareUnit(claim, left, right).ifPresent(found::add);
        return found;
      }
      long length = claim.end() - claim.start();
      MemorySegment one = left.asSlice(0, length);
      MemorySegment other = right.asSlice(0, length);
      old.read(claim.start(), one);
      after.read(claim.start(), other);
      if (one.mismatch(other) < 0) {
        return found;
      }
      for (long from = 0; from < length; from += unit) {
        long to = Math.min(from + unit, length);
        if (MemorySegment.mismatch(one, from, to, other, from, to) >= 0) {
          boolean zeros = Zeros.allZero(other.asSlice(from, to - from));
          found.add(new Run(claim.start() + from, claim.start() + to, zeros));
        }
      }
      return found;
    }

    /// A unit that is larger than the buffers.
    private Optional<Run> compareUnit(Claim claim, MemorySegment left, MemorySegment right)
        throws IOException {
      boolean differs = false;
      boolean zeros = true;
      for (long from = claim.start(); from < claim.end(); from += BUFFER) {
        long length = Math.min(BUFFER, claim.end() - from);
        MemorySegment one = left.asSlice(0, length);
        MemorySegment other = right.asSlice(0, length);
        old.read(from, one);
        after.read(from, other);
        differs |= one.mismatch(other) >= 0;
        zeros &= Zeros.allZero(other);
      }
      return differs ? Optional.of(new Run(claim.start(), claim.end(), zeros)) : Optional.empty();
    }

    private void add(List<Run> found) {
      for (Run run : found) {
        if (run.zeros()) {
          runs.zero(run.start(), run.end() - run.start());
        } else {
          runs.data(run.start(), run.end() - run.start());
        }
      }
    }
  }
}
