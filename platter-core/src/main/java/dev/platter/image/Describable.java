package dev.platter.image;

import java.io.IOException;
import java.util.Set;

/// An image whose description can be changed in place: what [Identified], [Commented],
/// [HasGeometry] and [Image#parent] say.
public interface Describable extends Image {

  /// What this image has a place for; an image of another version or variant of the same format may
  /// have more or less. It does not depend on whether the image was opened for writing.
  Set<Property> places();

  /// Changes what the image says about itself. All of the change happens or nothing: a crash leaves
  /// the old description or the new one, and the new one is durable when this returns. The image
  /// can be used as before, with the new description; one whose parent became another one, or that
  /// had none, is opened again before data is written, since what is unallocated means something
  /// else now.
  ///
  /// The disk's content counts as unchanged: this neither needs [Image#prepareToWrite] before it
  /// nor gives the image a new modification identity by itself. What a new parent relies on, such
  /// as data copied from the old one, must have been flushed before.
  ///
  /// @throws IllegalArgumentException if there is no place for a part of the change (see
  ///   [Description#checkPlaces]) or a value does not fit, in one sentence for the user; nothing
  ///   has changed then
  /// @throws ReadOnlyException if the image cannot be written
  void describe(Description change) throws IOException;
}
