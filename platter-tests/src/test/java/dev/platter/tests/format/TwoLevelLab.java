package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.Blueprint;
import dev.platter.image.Claiming;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Options;
import dev.platter.image.Reach;
import dev.platter.io.Access;
import dev.platter.operation.Check;
import dev.platter.operation.Conversion;
import dev.platter.operation.CreateImage;
import dev.platter.operation.Progress;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/// Images of a format in a folder, made, changed and judged by Platter and by QEMU.
///
/// @param name the format's name, the same in both
record TwoLevelLab(Path folder, String name) {
  private static final Formats FORMATS = new Formats(BuiltInFormats.all());

  ImageFormat format() {
    return FORMATS.named(name);
  }

  Path path(String file) {
    return folder.resolve(file);
  }

  String img(Object... arguments) throws IOException {
    return Peer.named("qemu-img").succeed(arguments);
  }

  void io(Path image, String... commands) throws IOException {
    List<Object> arguments = new ArrayList<>(List.of("-f", name));
    for (String command : commands) {
      arguments.addAll(List.of("-c", command));
    }
    arguments.add(image);
    Peer.named("qemu-io").succeed(arguments.toArray());
  }

  DiskOptions options() {
    return DiskOptions.standard().reach(Reach.sameFolder()).parentFormat(Optional.of(name));
  }

  Disk open(Path image, Access access) throws IOException {
    return new Disks(FORMATS).open(image, options().access(access).format(Optional.of(name)));
  }

  Disk open(Path image, Access access, Purpose purpose) throws IOException {
    DiskOptions wanted =
        options().access(access).format(Optional.of(name)).purpose(purpose).withoutParents();
    return new Disks(FORMATS).open(image, wanted);
  }

  /// Bytes with runs of zeros, some of them of text.
  static byte[] guest(int size, long seed) {
    var dice = new SplittableRandom(seed);
    byte[] bytes = new byte[size];
    for (int at = 0; at < size; ) {
      int end = Math.min(size, at + 1 + dice.nextInt(150_000));
      switch (dice.nextInt(3)) {
        case 0 -> Arrays.fill(bytes, at, end, (byte) dice.nextInt(1, 255));
        case 1 -> {
          for (int i = at; i < end; i++) {
            bytes[i] = (byte) dice.nextInt();
          }
        }
        default -> {
          // stays as it is
        }
      }
      at = end;
    }
    return bytes;
  }

  /// An image of some bytes, made by Platter.
  Path convert(String file, byte[] guest, Map<String, String> options, boolean compressed)
      throws IOException {
    Files.write(path("source.raw"), guest);
    DiskOptions raw = DiskOptions.standard().format(Optional.of("raw"));
    try (BlockDevice source = new Disks(FORMATS).open(path("source.raw"), raw)) {
      var conversion = Conversion.of(List.of(source)).options(options);
      (compressed ? conversion.compressed() : conversion).toFile(format(), path(file));
    }
    return path(file);
  }

  /// A child made by Platter.
  Path child(String file, String parent, String parentFormat, long size, Map<String, String> given)
      throws IOException {
    var backing = new Blueprint.Backing(parent, Optional.of(parentFormat), Optional.empty());
    Blueprint blueprint = Blueprint.of(size, Options.of(format(), given), file).on(backing);
    new CreateImage(format(), blueprint, Progress.none()).toFile(path(file));
    return path(file);
  }

  /// The disk's bytes as Platter reads them.
  byte[] read(Path image) throws IOException {
    try (Disk disk = open(image, Access.READ)) {
      return read(disk);
    }
  }

  static byte[] read(BlockDevice disk) throws IOException {
    byte[] bytes = new byte[(int) disk.size()];
    disk.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// The disk's bytes as QEMU reads them.
  byte[] theirs(Path image) throws IOException {
    img("convert", "-f", name, "-O", "raw", image, path("theirs.raw"));
    return Files.readAllBytes(path("theirs.raw"));
  }

  /// Random writes and zeros, to the disk and to the bytes that it should have.
  void change(Path image, byte[] expected, long seed, int longest) throws IOException {
    var dice = new SplittableRandom(seed);
    try (Disk disk = open(image, Access.WRITE)) {
      for (int turn = 0; turn < 60; turn++) {
        int at = dice.nextInt(expected.length);
        int length = 1 + dice.nextInt(Math.min(expected.length - at, longest));
        switch (dice.nextInt(5)) {
          case 0 -> {
            disk.zero(at, length, BlockDevice.Room.RELEASE);
            Arrays.fill(expected, at, at + length, (byte) 0);
          }
          case 1 -> disk.flush();
          default -> {
            byte[] bytes = guest(length, turn);
            disk.write(at, MemorySegment.ofArray(bytes));
            System.arraycopy(bytes, 0, expected, at, length);
          }
        }
      }
      assertArrayEquals(expected, read(disk));
    }
  }

  /// Both programs read the same, and Platter finds no damage.
  void same(byte[] expected, Path image) throws IOException {
    byte[] padded = Arrays.copyOf(expected, (expected.length + 511) & -512);
    assertArrayEquals(padded, read(image));
    assertArrayEquals(padded, theirs(image));
    Check.Result found = check(image);
    assertEquals(0, found.corruptions() + found.errors(), found::toString);
  }

  Check.Result check(Path image) throws IOException {
    try (Disk disk = open(image, Access.READ, Purpose.CHECK)) {
      return Check.check((Claiming) disk.top(), Progress.none());
    }
  }

  /// Overwrites bytes of a file.
  static void patch(Path image, long position, byte... bytes) throws IOException {
    try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
      assertTrue(file.write(ByteBuffer.wrap(bytes), position) > 0);
    }
  }

  /// Eight bytes of a file.
  static ByteBuffer word(Path image, long position) throws IOException {
    try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ)) {
      var word = ByteBuffer.allocate(8);
      file.read(word, position);
      return word.flip();
    }
  }
}
