package dev.platter.tests.format;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.io.Access;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.SplittableRandom;

/// Bytes of images in memory, and images of bytes, for tests of one format.
final class LabBytes {
  static final Formats FORMATS = new Formats(BuiltInFormats.all());

  private LabBytes() {}

  static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] get(Storage storage, long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    storage.read(position, MemorySegment.ofArray(bytes));
    return bytes;
  }

  static void put(Storage storage, long position, byte... bytes) throws IOException {
    storage.write(position, MemorySegment.ofArray(bytes));
  }

  /// A new image of one file that has some content.
  static void write(Plan plan, byte[] content, Storage storage) throws IOException {
    storage.resize(0);
    storage.resize(plan.size());
    long end = 0;
    for (Piece piece : plan.files().getFirst().pieces()) {
      if (piece.position() < end) {
        throw new AssertionError(piece + " is not behind " + end);
      }
      end = piece.position() + piece.length();
      byte[] bytes = new byte[(int) piece.length()];
      switch (piece) {
        case Piece.Metadata metadata -> metadata.source().fill(0, MemorySegment.ofArray(bytes));
        case Piece.Guest guest ->
            System.arraycopy(
                content,
                (int) guest.offset(),
                bytes,
                0,
                (int) Math.min(bytes.length, content.length - guest.offset()));
      }
      storage.write(piece.position(), MemorySegment.ofArray(bytes));
    }
  }

  /// A disk of one image, to be changed.
  static Disk disk(ImageFormat format, Storage storage) throws IOException {
    DiskOptions options = DiskOptions.standard().writable().format(Optional.of(format.name()));
    return new Disks(FORMATS).open(storage, options);
  }

  /// An image that may open no other file.
  static Image image(ImageFormat format, Storage storage, Access access, Purpose purpose)
      throws IOException {
    return format.open(
        storage,
        new OpenContext(
            access,
            Limits.standard(),
            (location, _) -> {
              throw new ImageException.OutOfReach(storage.name(), location);
            },
            purpose));
  }
}
