package dev.platter.operation;

import dev.platter.Extent;

/// Runs of two disks that need not be read to know that they are equal.
final class Twins {
  private Twins() {}

  /// Whether both are zeros, or the same bytes of the same file.
  static boolean equal(Extent one, Extent other) {
    return (one.kind().isZero() && other.kind().isZero()) || samePlace(one, other);
  }

  /// Whether both are stored in the same place.
  static boolean samePlace(Extent one, Extent other) {
    return one.position() >= 0
        && one.position() == other.position()
        && !one.encoded()
        && !other.encoded()
        && one.storage().isPresent()
        && other.storage().isPresent()
        && one.storage().get().identity().equals(other.storage().get().identity());
  }
}
