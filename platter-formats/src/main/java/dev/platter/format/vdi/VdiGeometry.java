package dev.platter.format.vdi;

import dev.platter.image.HasGeometry.Geometry;
import dev.platter.struct.Fields;
import java.util.Optional;

/// A disk geometry as the header has it.
///
/// @param sectors sectors a track
/// @param sectorSize bytes of a sector
record VdiGeometry(long cylinders, long heads, long sectors, long sectorSize) {
  static final int SECTOR = 512;

  static final VdiGeometry BLANK = new VdiGeometry(0, 0, 0, 0);

  /// A geometry that says no more than the size of a sector, which readers insist on.
  static final VdiGeometry UNKNOWN = new VdiGeometry(0, 0, 0, SECTOR);

  static VdiGeometry of(Geometry geometry) {
    return new VdiGeometry(geometry.cylinders(), geometry.heads(), geometry.sectors(), SECTOR);
  }

  static VdiGeometry fields(Fields f, String prefix, VdiGeometry g) {
    return new VdiGeometry(
        f.u32(prefix + "Cylinders", g.cylinders),
        f.u32(prefix + "Heads", g.heads),
        f.u32(prefix + "Sectors", g.sectors),
        f.u32(prefix + "SectorSize", g.sectorSize));
  }

  /// The geometry, if there is one that a drive could have.
  Optional<Geometry> known() {
    boolean plausible =
        cylinders > 0 && heads > 0 && heads <= 0xffff && sectors > 0 && sectors <= 0xffff;
    return plausible
        ? Optional.of(new Geometry(cylinders, (int) heads, (int) sectors))
        : Optional.empty();
  }

  /// The same heads and sectors with as many whole cylinders as a disk has, if there was a
  /// geometry.
  VdiGeometry fitting(long size) {
    if (known().isEmpty()) {
      return this;
    }
    long whole = size / (heads * sectors * SECTOR);
    return new VdiGeometry(Math.clamp(whole, 1, 0xffff_ffffL), heads, sectors, sectorSize);
  }
}
