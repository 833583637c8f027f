package dev.platter.image;

import java.util.Optional;

/// An image that stores a disk geometry.
public interface HasGeometry extends Image {

  /// The geometry that the drive reports.
  Optional<Geometry> physical();

  /// The geometry that a BIOS uses.
  Optional<Geometry> logical();

  /// Cylinders, heads and sectors of 512 bytes a track.
  record Geometry(long cylinders, int heads, int sectors) {
    /// The geometry that stands for none.
    public static final Geometry NONE = new Geometry(0, 0, 0);

    /// Whether this stands for no geometry.
    public boolean isNone() {
      return cylinders == 0 && heads == 0 && sectors == 0;
    }
  }
}
