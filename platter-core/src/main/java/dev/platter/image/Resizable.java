package dev.platter.image;

import java.io.IOException;

/// An image whose disk can become larger or smaller in place.
public interface Resizable extends Image {

  /// Changes the size of the disk. Whatever was published before goes to disk first; the new size
  /// is durable when this returns, and the image can be used as before. A crash leaves the disk
  /// with the old size or with the new one, and leaks at worst.
  ///
  /// What is new reads as zeros, whatever a parent has there, and whatever is left in the image
  /// from a time when the disk was larger. One unit is not this method's business: the one that the
  /// old end lies in, where it is not stored by this image alone and there is a parent or the unit
  /// is encoded. The caller stores it before.
  ///
  /// What is cut off is lost. A geometry that the image stores is changed where it would not fit
  /// any more.
  ///
  /// @param size bytes of the disk; an image that counts in larger steps takes the next possible
  ///   size above it
  /// @param parentEnd what a parent has of the disk ends here at the latest; what is new below must
  ///   hide it
  /// @throws IllegalArgumentException if the image cannot have a disk of that size, in one sentence
  ///   for the user; nothing has changed then
  /// @throws ReadOnlyException if the image cannot be written
  void resize(long size, long parentEnd) throws IOException;
}
