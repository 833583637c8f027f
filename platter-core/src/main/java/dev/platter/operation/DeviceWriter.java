package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Buffers;
import dev.platter.Zeros;
import dev.platter.image.Allocation;
import dev.platter.operation.Conversion.Existing;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Writes a disk over another one.
final class DeviceWriter {
  private static final long CLAIM = 2L << 20;
  private static final int BUFFER = 1 << 20;
  private static final long WORTH_ZEROING = 64 << 10;

  private final BlockDevice source;
  private final BlockDevice target;
  private final Allocation allocation;
  private final boolean gapsAreParents;
  private final Existing content;
  private final long grain;
  private final Meter meter;
  private int run;
  private long at;

  /// @param gapsAreParents whether what the allocation does not name is left alone because the
  ///   target's parent has it
  /// @param sparse runs of so many zeros are looked for in data, 0 if data is written as it is
  DeviceWriter(
      BlockDevice source,
      BlockDevice target,
      Allocation allocation,
      boolean gapsAreParents,
      Existing content,
      long sparse,
      Progress progress) {
    this.source = source;
    this.target = target;
    this.allocation = allocation;
    this.gapsAreParents = gapsAreParents;
    this.content = content;
    // a few zeros are written sooner than they are punched out
    long least = content == Existing.ZERO ? sparse : Math.max(sparse, WORTH_ZEROING);
    this.grain = sparse == 0 ? 0 : Math.min(least, BUFFER);
    this.meter = new Meter(progress, source.size());
  }

  private enum Act {
    COPY,
    ZERO,
    LEAVE
  }

  private record Claim(Act act, long start, long end) {}

  void run(int threads) throws IOException {
    Workers.run(
        threads,
        "write",
        crew -> {
          try (Buffers.Lease lease = Buffers.lease(BUFFER)) {
            for (Optional<Claim> claim = next();
                claim.isPresent() && !crew.stopped();
                claim = next()) {
              perform(claim.get(), lease.segment());
            }
          }
        });
    target.flush();
    meter.finish();
  }

  private synchronized Optional<Claim> next() {
    if (at == source.size()) {
      return Optional.empty();
    }
    long start = at;
    long end = source.size();
    Act act = gap();
    if (run < allocation.count()) {
      if (start < allocation.start(run)) {
        end = allocation.start(run);
      } else {
        act = allocation.isZero(run) ? Act.ZERO : Act.COPY;
        end = allocation.end(run);
      }
    }
    if (act == Act.COPY) {
      end = Math.min(end, start - start % CLAIM + CLAIM);
    }
    at = end;
    if (run < allocation.count() && end == allocation.end(run)) {
      run++;
    }
    return Optional.of(new Claim(act, start, end));
  }

  private Act gap() {
    return gapsAreParents || content == Existing.ZERO ? Act.LEAVE : Act.ZERO;
  }

  private void perform(Claim claim, MemorySegment buffer) throws IOException {
    switch (claim.act) {
      case LEAVE -> meter.done(claim.end - claim.start);
      case ZERO -> {
        target.zero(claim.start, claim.end - claim.start, BlockDevice.Room.RELEASE);
        meter.done(claim.end - claim.start);
      }
      case COPY -> {
        for (long from = claim.start; from < claim.end; from += BUFFER) {
          MemorySegment part = buffer.asSlice(0, Math.min(claim.end - from, BUFFER));
          source.read(from, part);
          write(from, part);
          meter.done(part.byteSize());
        }
      }
    }
  }

  private void write(long offset, MemorySegment bytes) throws IOException {
    if (grain == 0) {
      target.write(offset, bytes);
      return;
    }
    long size = bytes.byteSize();
    for (long from = 0; from < size; ) {
      boolean zeros = isZero(bytes, offset, from);
      long to = from;
      while (to < size && isZero(bytes, offset, to) == zeros) {
        to = next(offset, to, size);
      }
      if (!zeros) {
        target.write(offset + from, bytes.asSlice(from, to - from));
      } else if (content == Existing.UNKNOWN || gapsAreParents) {
        target.zero(offset + from, to - from, BlockDevice.Room.RELEASE);
      }
      from = to;
    }
  }

  private boolean isZero(MemorySegment bytes, long offset, long at) {
    return Zeros.allZero(bytes.asSlice(at, next(offset, at, bytes.byteSize()) - at));
  }

  private long next(long offset, long at, long size) {
    return Math.min(grain - (offset + at) % grain + at, size);
  }
}
