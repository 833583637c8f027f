package dev.platter.image;

import dev.platter.io.Transform;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// A whole new image before a byte of it is written. A plan of an empty allocation is an empty
/// image; the sizes of its files are what `measure` answers.
///
/// @param files the first is the image's main file
public record Plan(List<PlannedFile> files) {

  /// A plan of one file.
  public static Plan of(PlannedFile file) {
    return new Plan(List.of(file));
  }

  /// Bytes of all files.
  public long size() {
    return files.stream().mapToLong(PlannedFile::size).sum();
  }

  /// A file of a plan.
  ///
  /// @param name the file's name in the image's folder; empty for the main file, whose name the
  ///   user chose
  /// @param size bytes
  /// @param pieces in ascending order of position, not overlapping; what lies between reads as
  ///   zeros
  /// @param preallocation what to do about the ranges that no piece fills
  /// @param encryption what guest bytes go through on their way into the file
  public record PlannedFile(
      String name,
      long size,
      List<Piece> pieces,
      Preallocation preallocation,
      Optional<Encryption> encryption) {

    /// A file that takes guest bytes as they are.
    public PlannedFile(String name, long size, List<Piece> pieces, Preallocation preallocation) {
      this(name, size, pieces, preallocation, Optional.empty());
    }

    /// A main file whose gaps are holes.
    public static PlannedFile main(long size, List<Piece> pieces) {
      return new PlannedFile("", size, pieces, Preallocation.OFF);
    }
  }

  /// What guest bytes go through on their way into a file. Every piece of them starts and ends at a
  /// multiple of the transform's unit, counted from `start`.
  ///
  /// @param transform what turns them into stored bytes
  /// @param start the position in the file that the transform calls 0
  public record Encryption(Transform transform, long start) {
    /// Turns guest bytes into stored ones, in place.
    ///
    /// @param position where they go in the file
    public void encode(long position, MemorySegment bytes) throws IOException {
      transform.encode(position - start, bytes, bytes);
    }
  }

  /// How a new file gets room for what is not written yet.
  public enum Preallocation {
    /// Not at all: holes.
    OFF,
    /// The file system sets room aside without writing.
    FALLOC,
    /// Zeros are written.
    FULL
  }

  /// A part of a planned file.
  public sealed interface Piece {
    /// Where it starts in the file.
    long position();

    /// Bytes, at least 1.
    long length();

    /// Guest bytes, copied as they are unless the file encrypts them. A run that ends behind the
    /// disk's end is filled with zeros.
    ///
    /// @param offset where the bytes start on the disk
    record Guest(long position, long length, long offset) implements Piece {}

    /// Bytes that the format computes.
    record Metadata(long position, long length, Source source) implements Piece {}

    /// Metadata that is at hand.
    static Metadata bytes(long position, byte[] bytes) {
      return new Metadata(
          position,
          bytes.length,
          (start, target) ->
              MemorySegment.copy(
                  MemorySegment.ofArray(bytes), start, target, 0, target.byteSize()));
    }
  }

  /// Computes metadata, any part of it at any time, by any thread: a table of gigabytes is never in
  /// memory as a whole.
  @FunctionalInterface
  public interface Source {
    /// Fills `target`, which is all zeros, with the bytes of the piece from `start` on.
    ///
    /// @param start where in the piece; a multiple of 512 unless it is 0
    void fill(long start, MemorySegment target) throws IOException;
  }
}
