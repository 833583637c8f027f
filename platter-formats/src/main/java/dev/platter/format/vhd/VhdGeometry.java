package dev.platter.format.vhd;

import dev.platter.image.HasGeometry.Geometry;

/// Cylinders, heads and sectors a track, as an ATA drive reports them.
///
/// @param cylinders at most 65,535
/// @param heads at most 16
/// @param sectors of 512 bytes, at most 255
record VhdGeometry(int cylinders, int heads, int sectors) {
  private static final int MOST_CYLINDERS = 65_535;

  /// The largest geometry. Every reader takes the size of an image that has it from the footer's
  /// size and not from the geometry.
  static final VhdGeometry LARGEST = new VhdGeometry(MOST_CYLINDERS, 16, 255);

  /// The specification's geometry for so many sectors: it never has more of them.
  static VhdGeometry of(long totalSectors) {
    long total = Math.min(totalSectors, LARGEST.total());
    if (total >= (long) MOST_CYLINDERS * 16 * 63) {
      return split(total, 16, 255);
    }
    int heads = (int) Math.max((total / 17 + 1023) / 1024, 4);
    if (total / 17 < heads * 1024L && heads <= 16) {
      return split(total, heads, 17);
    }
    return total / 31 < 16 * 1024 ? split(total, 16, 31) : split(total, 16, 63);
  }

  private static VhdGeometry split(long total, int heads, int sectors) {
    return new VhdGeometry((int) (total / sectors / heads), heads, sectors);
  }

  /// The smallest size, in sectors, that is not below `sectors` and that its geometry has exactly;
  /// the size itself if it is too large for a geometry.
  static long roundUp(long sectors) {
    if (sectors >= LARGEST.total()) {
      return sectors;
    }
    long tried = sectors;
    long total = of(tried).total();
    while (total < sectors) {
      tried++;
      total = of(tried).total();
    }
    return total;
  }

  /// How many sectors it has.
  long total() {
    return (long) cylinders * heads * sectors;
  }

  /// The engine's view of it.
  Geometry toGeometry() {
    return new Geometry(cylinders, heads, sectors);
  }
}
