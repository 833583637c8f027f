package dev.platter;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// What a guest sees: bytes from 0 to `size`. Safe for many readers and writers at once; where
/// changes overlap, each byte has the value that one of them gave it.
public interface BlockDevice extends AutoCloseable {

  /// Bytes of the disk.
  long size();

  /// Whether changes are allowed.
  boolean writable();

  /// Fills `target` with the bytes from `offset` on.
  ///
  /// @throws IndexOutOfBoundsException if the range is not inside the disk
  void read(long offset, MemorySegment target) throws IOException;

  /// Writes all of `source` at `offset`.
  ///
  /// @throws IndexOutOfBoundsException if the range is not inside the disk
  void write(long offset, MemorySegment source) throws IOException;

  /// Makes a range read as zeros, without storing them where the image can say so.
  ///
  /// @param room whether the range keeps its room
  void zero(long offset, long length, Room room) throws IOException;

  /// Gives the room of a range back, as far as whole units are in it. The bytes of the range are
  /// zeros afterwards or unchanged; what a parent has is never brought to light.
  void discard(long offset, long length) throws IOException;

  /// The longest run from `offset` on, at most `length`, that is of one kind and in one place.
  ///
  /// @param offset below `size`
  Extent extent(long offset, long length) throws IOException;

  /// Returns when everything changed before the call survives a crash of the machine.
  void flush() throws IOException;

  @Override
  void close() throws IOException;

  /// What happens to room that is not needed for a while.
  enum Room {
    /// Kept for later writes.
    KEEP,
    /// Given back.
    RELEASE
  }
}
