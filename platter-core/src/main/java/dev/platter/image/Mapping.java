package dev.platter.image;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Where a run of an image's disk lives. Every run has at least one byte.
public sealed interface Mapping {

  /// Bytes of the disk that this is the answer for.
  long length();

  /// The run's bytes stand in `storage` from `position` on, and may be changed in place.
  record Stored(Storage storage, long position, long length) implements Mapping {}

  /// The run's bytes stand in `storage` from `position` on, but somebody else (a snapshot) reads
  /// them there too: they must be copied to a place of their own before a change.
  record Shared(Storage storage, long position, long length) implements Mapping {}

  /// The run reads as zeros and hides the parent.
  ///
  /// @param position where room is kept for the run in the image's data storage, [#NOWHERE] if none
  ///   is
  record Zero(long length, long position) implements Mapping {
    /// A run of zeros that has no room.
    public Zero(long length) {
      this(length, NOWHERE);
    }
  }

  /// This image says nothing about the run: the parent shows through, or zeros where there is none.
  record Unallocated(long length) implements Mapping {}

  /// The run is a part of a unit that must be decoded as a whole.
  ///
  /// @param skip bytes of the decoded unit before the run
  record Encoded(long length, int skip, EncodedUnit unit) implements Mapping {}

  /// The position of what has no place.
  long NOWHERE = -1;

  /// A compressed allocation unit.
  ///
  /// @param storage where its stored bytes are
  /// @param position where they start
  /// @param stored how many there are at most; fewer if the storage ends before
  /// @param size bytes of the disk that it decodes to
  record EncodedUnit(Storage storage, long position, int stored, int size, Decoder decoder) {}

  /// Turns stored bytes into bytes of the disk. Safe for use by many threads.
  @FunctionalInterface
  interface Decoder {
    /// Fills `unit` from `stored`, which may have bytes behind the ones that are needed.
    ///
    /// @throws ImageException.Corrupt if they do not decode to exactly one unit
    void decode(MemorySegment stored, MemorySegment unit) throws IOException;
  }
}
