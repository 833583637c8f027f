package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Buffers;
import dev.platter.Zeros;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/// Looks which units of a disk's data are zeros. Of a large unit a few bytes are read first: where
/// they are not zeros nothing more is.
final class ZeroSearch {
  private static final long STEP = 32L << 20;
  private static final int PROBE = 4096;
  private static final int BULK = 256 << 10;

  private final BlockDevice source;
  private final Findings runs;
  private final long unit;
  private final Meter meter;
  private int run;
  private long at = -1;
  private long ticket;

  ZeroSearch(BlockDevice source, Findings runs, long unit, Progress progress) {
    this.source = source;
    this.runs = runs;
    this.unit = unit;
    this.meter = new Meter(progress, Long.MAX_VALUE);
  }

  /// A piece of a run.
  ///
  /// @param data which of its units have data, counted from the unit that has `start`; none where
  ///   it is not asked
  private record Piece(long ticket, long start, long end, byte kind, BitSet data) {}

  void run(int threads, SurveyRuns sink) throws IOException {
    var order = new InOrder<Piece>(piece -> add(piece, sink));
    Workers.run(
        threads,
        "survey",
        crew -> {
          try (Buffers.Lease lease = Buffers.lease(BULK)) {
            for (Piece piece = next(); piece != null && !crew.stopped(); piece = next()) {
              if (piece.kind == Findings.UNSURE) {
                look(piece, lease.segment());
              }
              order.deliver(piece.ticket, piece);
            }
          }
        });
  }

  private synchronized Piece next() {
    if (run == runs.count()) {
      return null;
    }
    long start = at < 0 ? runs.start(run) : at;
    long end = runs.end(run);
    byte kind = runs.kind(run);
    if (kind == Findings.UNSURE) {
      long step = Math.max(STEP, unit);
      end = Math.min(end, start - start % step + step);
    }
    at = end;
    if (end == runs.end(run)) {
      run++;
      at = -1;
    }
    return new Piece(ticket++, start, end, kind, new BitSet());
  }

  private void look(Piece piece, MemorySegment buffer) throws IOException {
    if (unit >= 4 * PROBE) {
      for (long from = piece.start; from < piece.end; from = unitEnd(from, piece.end)) {
        if (hasData(from, unitEnd(from, piece.end), buffer)) {
          piece.data.set(index(piece, from));
        }
      }
    } else {
      for (long from = piece.start; from < piece.end; ) {
        long end = Math.min(from - from % BULK + BULK, piece.end);
        MemorySegment bytes = buffer.asSlice(0, end - from);
        source.read(from, bytes);
        mark(piece, from, bytes);
        from = end;
      }
    }
    meter.done(piece.end - piece.start);
  }

  private boolean hasData(long start, long end, MemorySegment buffer) throws IOException {
    long step = PROBE;
    for (long from = start; from < end; ) {
      MemorySegment bytes = buffer.asSlice(0, Math.min(end - from, step));
      source.read(from, bytes);
      if (!Zeros.allZero(bytes)) {
        return true;
      }
      from += bytes.byteSize();
      step = BULK;
    }
    return false;
  }

  private void mark(Piece piece, long start, MemorySegment bytes) {
    long end = start + bytes.byteSize();
    for (long from = start; from < end; ) {
      long to = unitEnd(from, end);
      if (!Zeros.allZero(bytes.asSlice(from - start, to - from))) {
        piece.data.set(index(piece, from));
      }
      from = to;
    }
  }

  private long unitEnd(long offset, long end) {
    return Math.min((offset & -unit) + unit, end);
  }

  private int index(Piece piece, long offset) {
    return (int) (offset / unit - piece.start / unit);
  }

  private void add(Piece piece, SurveyRuns sink) {
    if (piece.kind != Findings.UNSURE) {
      sink.add(piece.start, piece.end, piece.kind == Findings.SURE);
      return;
    }
    for (long from = piece.start; from < piece.end; ) {
      int first = index(piece, from);
      boolean data = piece.data.get(first);
      long last = data ? piece.data.nextClearBit(first) : piece.data.nextSetBit(first);
      long to = last < 0 ? piece.end : Math.min((piece.start / unit + last) * unit, piece.end);
      sink.add(from, to, data);
      from = to;
    }
  }
}
