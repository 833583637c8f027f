package dev.platter.testkit;

import dev.platter.BlockDevice;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Writes a plan in the simplest way there is: what faster executors are judged by.
public final class PlanWriter {
  private static final int WINDOW = 64 << 10;
  private final BlockDevice source;

  /// Makes the storages that a plan's files are written to.
  @FunctionalInterface
  public interface Files {
    /// Makes one.
    ///
    /// @param name the planned file's name, empty for the main file
    Storage create(String name) throws IOException;
  }

  /// Writes plans of what a device has.
  public PlanWriter(BlockDevice source) {
    this.source = source;
  }

  /// Writes all files of a plan and makes them durable.
  public void write(Plan plan, Files files) throws IOException {
    for (PlannedFile file : plan.files()) {
      Storage target = files.create(file.name());
      target.resize(file.size());
      for (Piece piece : file.pieces()) {
        write(file, piece, target);
      }
      target.flush();
    }
  }

  private void write(PlannedFile file, Piece piece, Storage target) throws IOException {
    for (long done = 0; done < piece.length(); done += WINDOW) {
      int step = (int) Math.min(WINDOW, piece.length() - done);
      MemorySegment window = MemorySegment.ofArray(new byte[step]);
      fill(piece, done, window);
      if (piece instanceof Piece.Guest && file.encryption().isPresent()) {
        file.encryption().get().encode(piece.position() + done, window);
      }
      target.write(piece.position() + done, window);
    }
  }

  private void fill(Piece piece, long start, MemorySegment window) throws IOException {
    switch (piece) {
      case Piece.Metadata metadata -> metadata.source().fill(start, window);
      case Piece.Guest guest -> {
        long offset = guest.offset() + start;
        long there = Math.clamp(source.size() - offset, 0, window.byteSize());
        if (there > 0) {
          source.read(offset, window.asSlice(0, there));
        }
      }
    }
  }
}
