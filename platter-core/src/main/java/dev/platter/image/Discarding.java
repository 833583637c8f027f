package dev.platter.image;

import java.io.IOException;

/// An image that can give room back.
public interface Discarding extends Image {

  /// Makes whole units unallocated: afterwards the parent, or zeros, show through.
  ///
  /// @param offset a multiple of [Image#allocationUnit]
  /// @param length likewise, or up to the end of the disk
  void discard(long offset, long length) throws IOException;
}
