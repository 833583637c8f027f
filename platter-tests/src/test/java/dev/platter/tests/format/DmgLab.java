package dev.platter.tests.format;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.Finding;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Reach;
import dev.platter.operation.Conversion;
import dev.platter.testkit.ClaimSweep;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// Makes and opens Apple's images in a folder.
///
/// @param folder where they are
record DmgLab(Path folder) {
  static final Formats FORMATS = new Formats(BuiltInFormats.all());
  static final ImageFormat FORMAT = FORMATS.named("dmg");

  Path path(String name) {
    return folder.resolve(name);
  }

  /// Converts content to an image.
  void convert(String name, byte[] content, Map<String, String> options) throws IOException {
    Path raw = path(name + ".raw");
    Files.write(raw, content);
    try (Disk disk =
        new Disks(FORMATS).open(raw, DiskOptions.standard().format(Optional.of("raw")))) {
      Conversion.of(List.of(disk)).options(options).deterministic().toFile(FORMAT, path(name));
    }
  }

  Disk open(String name) throws IOException {
    return open(name, Purpose.DATA);
  }

  /// Opens an image whose format is found out.
  Disk open(String name, Purpose purpose) throws IOException {
    DiskOptions options = DiskOptions.standard().purpose(purpose).reach(Reach.sameFolder());
    return new Disks(FORMATS).open(path(name), options);
  }

  byte[] read(String name) throws IOException {
    try (Disk disk = open(name)) {
      byte[] bytes = new byte[Math.toIntExact(disk.size())];
      disk.read(0, MemorySegment.ofArray(bytes));
      return bytes;
    }
  }

  List<Finding> check(String name) throws IOException {
    try (Disk disk = open(name, Purpose.CHECK)) {
      return ClaimSweep.check(disk.top());
    }
  }

  /// Content with zeros, text, and what cannot be compressed.
  static byte[] content(int size) {
    byte[] content = new byte[size];
    var dice = new SplittableRandom(size);
    for (int at = 0; at < size; ) {
      int end = Math.min(size, at + dice.nextInt(1, 400_000));
      switch (dice.nextInt(3)) {
        case 0 -> Arrays.fill(content, at, end, (byte) 0);
        case 1 -> {
          for (int i = at; i < end; i++) {
            content[i] = (byte) "some text, again and again ".charAt((i * 7 / 5) % 27);
          }
        }
        default -> {
          byte[] bytes = new byte[end - at];
          dice.nextBytes(bytes);
          System.arraycopy(bytes, 0, content, at, bytes.length);
        }
      }
      at = end;
    }
    return content;
  }
}
