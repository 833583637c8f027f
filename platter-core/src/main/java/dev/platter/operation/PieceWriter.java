package dev.platter.operation;

import dev.platter.Zeros;
import dev.platter.image.Plan.Encryption;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.Preallocation;
import dev.platter.io.Storage;
import dev.platter.operation.PlanCursor.Claim;
import dev.platter.operation.PlanWriter.Skipping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Writes pieces of a plan, one thread's: what is in one piece in the file goes out in one write,
/// wherever on the disk it was.
final class PieceWriter {
  /// Bytes of the buffer that it needs.
  static final int BUFFER = 1 << 20;

  private final GuestBytes source;
  private final MemorySegment buffer;
  private final Skipping skipping;
  private final Meter meter;
  private Storage target;
  private boolean skip;
  private Optional<Encryption> encryption = Optional.empty();
  private int grain;
  private long start;
  private long used;

  PieceWriter(GuestBytes source, MemorySegment buffer, Skipping skipping, Meter meter) {
    this.source = source;
    this.buffer = buffer;
    this.skipping = skipping;
    this.meter = meter;
  }

  void write(Claim claim) throws IOException {
    target = claim.part().target();
    skip = claim.part().file().preallocation() != Preallocation.FULL;
    encryption = claim.part().file().encryption();
    grain = claim.part().grain();
    long rest = claim.bytes();
    long from = claim.skip();
    for (int piece = claim.first(); rest > 0; piece++) {
      Piece next = claim.part().pieces().get(piece);
      long length = Math.min(next.length() - from, rest);
      add(next, from, length);
      rest -= length;
      from = 0;
    }
    drain();
  }

  private void add(Piece piece, long from, long length) throws IOException {
    long done = 0;
    while (done < length) {
      long position = piece.position() + from + done;
      if (used == buffer.byteSize() || start + used != position) {
        drain();
        start = position;
      }
      long step = Math.min(length - done, buffer.byteSize() - used);
      if (step < length - done) {
        step &= -grain;
      }
      if (step == 0) {
        drain();
      } else {
        fill(piece, from + done, buffer.asSlice(used, step));
        done += step;
      }
    }
  }

  private void fill(Piece piece, long from, MemorySegment part) throws IOException {
    switch (piece) {
      case Piece.Guest(long position, _, long offset) -> {
        source.read(offset + from, part);
        if (encryption.isPresent()) {
          encryption.get().encode(position + from, part);
        }
      }
      case Piece.Metadata(_, _, var bytes) -> {
        part.fill((byte) 0);
        bytes.fill(from, part);
        if (skip && skipping.metadata() && Zeros.allZero(part)) {
          drain();
          start += part.byteSize();
          meter.done(part.byteSize());
          return;
        }
      }
    }
    used += part.byteSize();
  }

  private void drain() throws IOException {
    if (used == 0) {
      return;
    }
    if (skip && skipping.guest() > 0 && encryption.isEmpty()) {
      writeData(Math.min(skipping.guest(), BUFFER));
    } else {
      target.write(start, buffer.asSlice(0, used));
    }
    meter.done(used);
    start += used;
    used = 0;
  }

  /// Writes what is not zeros, looking at the file in pieces of `grain` bytes.
  private void writeData(long grain) throws IOException {
    long at = 0;
    while (at < used) {
      long data = at;
      while (data < used && isZero(data, grain)) {
        data = next(data, grain);
      }
      long end = data;
      while (end < used && !isZero(end, grain)) {
        end = next(end, grain);
      }
      if (data < end) {
        target.write(start + data, buffer.asSlice(data, end - data));
      }
      at = end;
    }
  }

  private boolean isZero(long at, long grain) {
    return Zeros.allZero(buffer.asSlice(at, next(at, grain) - at));
  }

  private long next(long at, long grain) {
    return Math.min(grain - (start + at) % grain + at, used);
  }
}
