package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.Set;

/// How the grains of an extent are found: a directory of tables, each table an entry of four bytes
/// a grain.
///
/// @param size bytes of the extent's part of the disk
/// @param grainSize bytes
/// @param entries grains of a table
/// @param directory the sector of the grain directory
/// @param redundant the sector of the second grain directory, 0 if there is none
/// @param overhead sectors before the first grain, as far as the header can be believed
/// @param features what entries mean
record GrainLayout(
    long size,
    int grainSize,
    int entries,
    long directory,
    long redundant,
    long overhead,
    Set<Feature> features) {
  private static final int SECTOR = SparseHeader.SECTOR;

  /// What the entries of a table mean.
  enum Feature {
    /// 1 is a grain of zeros.
    ZERO_MARK,
    /// Grains are compressed.
    COMPRESSED,
    /// Compressed grains have their sector and length in front.
    MARKERS
  }

  boolean has(Feature feature) {
    return features.contains(feature);
  }

  long grains() {
    return (size + grainSize - 1) / grainSize;
  }

  long tables() {
    return (grains() + entries - 1) / entries;
  }

  int tableBytes() {
    return Math.max(4 * entries, SECTOR);
  }

  long grainSectors() {
    return grainSize / SECTOR;
  }

  /// Bytes of a directory.
  long directoryBytes() {
    return 4 * tables();
  }

  /// Refuses directories that are not in the file.
  GrainLayout checked(Storage storage) throws IOException {
    inFile(storage, "grain directory", directory);
    if (redundant != 0) {
      inFile(storage, "redundant grain directory", redundant);
    }
    return this;
  }

  /// Whether a directory at a sector would not be in the file.
  boolean outside(Storage storage, long sector) throws IOException {
    boolean known = sector > 0 && sector < 1L << 54;
    return tables() > 0 && (!known || sector * SECTOR + directoryBytes() > storage.size());
  }

  private void inFile(Storage storage, String what, long sector) throws IOException {
    if (outside(storage, sector)) {
      throw new ImageException.Corrupt(
          storage.name(),
          "its "
              + what
              + " of "
              + tables()
              + " entries at sector "
              + Long.toUnsignedString(sector)
              + " is not in the file, which ends at "
              + storage.size());
    }
  }
}
