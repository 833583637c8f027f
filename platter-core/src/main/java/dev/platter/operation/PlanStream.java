package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Buffers;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;

/// Writes a planned file in one pass, from its first byte to its last.
final class PlanStream {
  private static final int BUFFER = 1 << 20;

  private final PlannedFile file;
  private final GuestBytes source;
  private final OutputStream target;
  private final Meter meter;
  private final byte[] bytes = new byte[BUFFER];

  PlanStream(PlannedFile file, BlockDevice source, OutputStream target, Progress progress) {
    this.file = file;
    this.source = new GuestBytes(source);
    this.target = target;
    this.meter = new Meter(progress, file.size());
  }

  /// Writes what is behind a position, up to which the stream has the file already.
  void run(long start) throws IOException {
    try (Buffers.Lease lease = Buffers.lease(BUFFER)) {
      long end = start;
      for (Piece piece : file.pieces()) {
        zeros(piece.position() - end);
        write(piece, lease.segment());
        end = piece.position() + piece.length();
      }
      zeros(file.size() - end);
    }
    target.flush();
    meter.finish();
  }

  private void write(Piece piece, MemorySegment buffer) throws IOException {
    for (long done = 0; done < piece.length(); ) {
      int step = (int) Math.min(piece.length() - done, BUFFER);
      MemorySegment part = buffer.asSlice(0, step);
      switch (piece) {
        case Piece.Guest(long position, _, long offset) -> {
          source.read(offset + done, part);
          if (file.encryption().isPresent()) {
            file.encryption().get().encode(position + done, part);
          }
        }
        case Piece.Metadata(_, _, var content) -> {
          part.fill((byte) 0);
          content.fill(done, part);
        }
      }
      MemorySegment.copy(part, 0, MemorySegment.ofArray(bytes), 0, step);
      target.write(bytes, 0, step);
      meter.done(step);
      done += step;
    }
  }

  private void zeros(long length) throws IOException {
    if (length > 0) {
      java.util.Arrays.fill(bytes, (byte) 0);
    }
    for (long done = 0; done < length; ) {
      int step = (int) Math.min(length - done, BUFFER);
      target.write(bytes, 0, step);
      meter.done(step);
      done += step;
    }
  }
}
