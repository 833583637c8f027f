package dev.platter.image;

import java.util.Optional;
import java.util.UUID;

/// An image that has a UUID, and one of its state.
public interface Identified extends Image {

  /// Which image this is.
  UUID identity();

  /// Which state of it this is; changes before the first write after opening.
  Optional<UUID> modification();
}
