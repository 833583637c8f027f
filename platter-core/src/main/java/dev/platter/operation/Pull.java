package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Buffers;
import dev.platter.Chain;
import dev.platter.Disk;
import dev.platter.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// Copies into an image what it reads from the images below it, as far as another parent has
/// something else there, so that it will read the same above that parent. It reads the same at
/// every moment, and what was copied is durable when this returns.
///
/// @param chain the image was opened for writing
/// @param depth the image, the top being 0
/// @param next the disk of the other parent, empty if the image shall do without one
/// @param threads how many threads copy
/// @param progress who hears how far it is
record Pull(
    Chain chain, int depth, Optional<? extends BlockDevice> next, int threads, Progress progress) {
  private static final int BUFFER = 1 << 20;
  private static final int SECTOR = 512;

  void run() throws IOException {
    var walk = new Walk();
    // an image without a parent need not have a mark that hides one
    walk.disk.suppressZeros(chain.image(depth).parent().isPresent());
    Workers.run(threads, "pull", walk::work);
    if (next.isEmpty()) {
      new WholeUnits(walk.disk).fill(progress);
    }
    walk.disk.flush();
    walk.meter.finish();
  }

  private record Claim(long start, long length) {}

  private final class Walk {
    private final Disk disk = chain.from(depth);
    private final long size = disk.size();
    private final BlockDevice other =
        next.isPresent() ? Joined.of(List.of(next.get()), size) : Joined.of(List.of(), size);
    private final long grain = Math.clamp(disk.top().allocationUnit(), SECTOR, BUFFER);
    private final Meter meter = new Meter(progress, size);
    private long at;

    private void work(Workers crew) throws IOException {
      try (Buffers.Lease left = Buffers.lease(BUFFER);
          Buffers.Lease right = Buffers.lease(BUFFER)) {
        for (Optional<Claim> claim = next(); claim.isPresent() && !crew.stopped(); claim = next()) {
          Claim part = claim.get();
          MemorySegment has = left.segment().asSlice(0, part.length());
          MemorySegment gets = right.segment().asSlice(0, part.length());
          disk.read(part.start(), has);
          other.read(part.start(), gets);
          if (has.mismatch(gets) >= 0) {
            copy(part.start(), has, gets);
          }
          meter.done(part.length());
        }
      }
    }

    private synchronized Optional<Claim> next() throws IOException {
      while (at < size) {
        long start = at;
        Extent now = disk.extent(start, size - start);
        long end = now.end();
        if (!ownedByImage(now)) {
          Extent then = other.extent(start, now.length());
          end = then.end();
          if (!Twins.equal(now, then)) {
            at = Math.min(end, start - start % BUFFER + BUFFER);
            return Optional.of(new Claim(start, at - start));
          }
        }
        at = end;
        meter.done(end - start);
      }
      return Optional.empty();
    }

    private static boolean ownedByImage(Extent extent) {
      return extent.depth() == 0 && extent.kind() != Extent.Kind.HOLE;
    }

    /// Writes what is different, in units of the image counted from the disk's start.
    private void copy(long offset, MemorySegment has, MemorySegment gets) throws IOException {
      long from = 0;
      while (from < has.byteSize()) {
        long to = border(offset, from, has.byteSize());
        if (MemorySegment.mismatch(has, from, to, gets, from, to) >= 0) {
          long end = to;
          while (end < has.byteSize()) {
            long further = border(offset, end, has.byteSize());
            if (MemorySegment.mismatch(has, end, further, gets, end, further) < 0) {
              break;
            }
            end = further;
          }
          disk.write(offset + from, has.asSlice(from, end - from));
          to = end;
        }
        from = to;
      }
    }

    private long border(long offset, long from, long size) {
      return Math.min(grain - (offset + from) % grain + from, size);
    }
  }
}
