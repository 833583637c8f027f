package dev.platter.image;

import java.util.Optional;

/// An image that stores a disk geometry.
public interface HasGeometry extends Image {

  /// The geometry that the drive reports.
  Optional<Geometry> physical();

  /// The geometry that a BIOS uses.
  Optional<Geometry> logical();

  /// Cylinders, heads and sectors of 512 bytes a track.
  record Geometry(long cylinders, int heads, int sectors) {}
}
