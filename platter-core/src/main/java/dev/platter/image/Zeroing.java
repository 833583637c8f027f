package dev.platter.image;

import java.io.IOException;

/// An image that can say "zeros" without storing them.
public interface Zeroing extends Image {

  /// Makes whole units read as zeros and hide the parent.
  ///
  /// @param offset a multiple of [Image#allocationUnit]
  /// @param length likewise, or up to the end of the disk
  /// @param room what happens to the room that the units have
  void zero(long offset, long length, Room room) throws IOException;

  /// What happens to room that is not needed for a while.
  enum Room {
    /// Kept, so that a later write needs no new room, if the format can say so.
    KEEP,
    /// Given back.
    RELEASE
  }
}
