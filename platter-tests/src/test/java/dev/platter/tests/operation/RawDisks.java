package dev.platter.tests.operation;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.image.ImageFormat;
import dev.platter.io.MemoryStorage;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.SplittableRandom;

/// Raw disks in memory for the tests of operations.
final class RawDisks {
  static final Formats FORMATS = Formats.installed();

  private RawDisks() {}

  static ImageFormat raw() {
    return FORMATS.named("raw");
  }

  static Disk open(Storage storage) throws IOException {
    return new Disks(FORMATS)
        .open(storage, DiskOptions.standard().writable().format(Optional.of("raw")));
  }

  /// A storage with runs of random bytes, runs of zeros that are stored, and holes.
  static MemoryStorage patchwork(long seed, long size) {
    var dice = new SplittableRandom(seed);
    var storage = new MemoryStorage("patchwork-" + seed);
    storage.resize(size);
    for (long at = 0; at < size; ) {
      byte[] bytes = new byte[(int) Math.min(size - at, 1L << dice.nextInt(19))];
      int kind = dice.nextInt(3);
      if (kind == 0) {
        dice.nextBytes(bytes);
      }
      if (kind < 2) {
        storage.write(at, MemorySegment.ofArray(bytes));
      }
      at += bytes.length;
    }
    return storage;
  }

  /// All bytes of a disk.
  static byte[] bytes(dev.platter.BlockDevice disk) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(disk.size())];
    disk.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }
}
