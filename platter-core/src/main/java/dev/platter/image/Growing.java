package dev.platter.image;

import java.io.IOException;

/// An image whose disk can become larger in place.
public interface Growing extends Image {

  /// Makes the disk larger. What is new reads as zeros, whatever a parent has there; it is durable
  /// when this returns.
  ///
  /// @param size bytes of the disk, not fewer than it has
  void grow(long size) throws IOException;
}
