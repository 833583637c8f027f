package dev.platter.format.raw;

import dev.platter.image.HasGeometry.Geometry;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A floppy disk, recognised by its size and by what its first sector does not say.
///
/// @param name how many kilobytes or megabytes people call it
/// @param geometry tracks, sides and sectors a track
record Floppy(String name, Geometry geometry) {
  private static final int SECTOR = 512;
  private static final int TABLE = 446;
  private static final int ENTRY = 16;
  private static final int SIGNATURE = 510;
  private static final int MEDIA = 21;
  private static final int FIXED_DISK = 0xf8;

  /// The floppy that a disk is, if it is one.
  static Optional<Floppy> of(Storage storage) throws IOException {
    Optional<Floppy> floppy = ofSize(storage.size());
    if (floppy.isPresent()) {
      byte[] start = new byte[SECTOR];
      storage.read(0, MemorySegment.ofArray(start));
      if (isHardDisk(start)) {
        return Optional.empty();
      }
    }
    return floppy;
  }

  /// Sizes of drives for the PC, and of formats with more sectors a track that such drives read
  /// (the table of Linux' floppy driver; DMF is Microsoft's distribution format).
  private static Optional<Floppy> ofSize(long size) {
    return switch (Math.clamp(size % SECTOR == 0 ? size / SECTOR : 0, 0, 100_000)) {
      case 320 -> floppy("160K", 40, 1, 8);
      case 360 -> floppy("180K", 40, 1, 9);
      case 640 -> floppy("320K", 40, 2, 8);
      case 720 -> floppy("360K", 40, 2, 9);
      case 1280 -> floppy("640K", 80, 2, 8);
      case 1440 -> floppy("720K", 80, 2, 9);
      case 1600 -> floppy("800K", 80, 2, 10);
      case 1640 -> floppy("820K", 82, 2, 10);
      case 1760 -> floppy("880K", 80, 2, 11);
      case 2400 -> floppy("1.2M", 80, 2, 15);
      case 2880 -> floppy("1.44M", 80, 2, 18);
      case 2952 -> floppy("1.48M", 82, 2, 18);
      case 3200 -> floppy("1.6M", 80, 2, 20);
      case 3360 -> floppy("1.68M (DMF)", 80, 2, 21);
      case 3444 -> floppy("1.72M", 82, 2, 21);
      case 3486 -> floppy("1.74M", 83, 2, 21);
      case 3520 -> floppy("1.76M", 80, 2, 22);
      case 3680 -> floppy("1.84M", 80, 2, 23);
      case 3840 -> floppy("1.92M", 80, 2, 24);
      case 5760 -> floppy("2.88M", 80, 2, 36);
      case 6240 -> floppy("3.12M", 80, 2, 39);
      default -> Optional.empty();
    };
  }

  private static Optional<Floppy> floppy(String name, int tracks, int sides, int sectors) {
    return Optional.of(new Floppy(name, new Geometry(tracks, sides, sectors)));
  }

  /// Whether the first sector is one of a hard disk: a table of partitions, or a file system that
  /// says so.
  private static boolean isHardDisk(byte[] start) {
    if (start[SIGNATURE] != 0x55 || start[SIGNATURE + 1] != (byte) 0xaa) {
      return false;
    }
    boolean jumps = start[0] == (byte) 0xeb || start[0] == (byte) 0xe9;
    if (jumps && start[11] == 0 && start[12] == 2) {
      // a file system of DOS, with sectors of 512 bytes
      return (start[MEDIA] & 0xff) == FIXED_DISK;
    }
    int used = 0;
    for (int at = TABLE; at < SIGNATURE; at += ENTRY) {
      if ((start[at] & 0x7f) != 0) {
        return false; // that is no table
      }
      used += start[at + 4] == 0 ? 0 : 1;
    }
    return used > 0;
  }
}
