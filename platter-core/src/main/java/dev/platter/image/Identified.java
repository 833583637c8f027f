package dev.platter.image;

import java.util.Optional;
import java.util.UUID;

/// An image that has a UUID, and one of its state.
public interface Identified extends Image {

  /// Which image this is.
  UUID identity();

  /// Which state of it this is; changes before the first write after opening.
  Optional<UUID> modification();

  /// Says, before [#prepareToWrite], that the modification identity shall stay: what is going to be
  /// changed cannot be seen through the child that the identity is for. Nothing to do for an image
  /// that has none, or whose format does not change it.
  default void keepModification() {}
}
