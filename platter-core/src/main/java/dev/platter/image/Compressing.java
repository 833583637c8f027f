package dev.platter.image;

import java.io.IOException;

/// An image that can store single units compressed, in place.
public interface Compressing extends Image {

  /// Bytes of the disk that are compressed as a whole.
  int compressedUnit();

  /// A new encoder for units of this image.
  Packing.Encoder encoder();

  /// Finds room for an encoded unit. Publishing frees what the unit had before.
  ///
  /// @param offset a multiple of [#compressedUnit]
  /// @param encoded bytes, at least 1
  Reservation reserveEncoded(long offset, int encoded) throws IOException;
}
