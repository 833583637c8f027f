package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.format.qcow2.QcowFormat;
import dev.platter.format.raw.RawFormat;
import dev.platter.image.Reach;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Images made, changed and judged by `qemu-img` and `qemu-io`, opened by Platter.
final class Qcow2Lab {
  private static final int PIECE = 1 << 20;
  private final Path folder;
  private final Peer qemuImg = Peer.named("qemu-img");
  private final Peer qemuIo = Peer.named("qemu-io");

  Qcow2Lab(Path folder) {
    this.folder = folder;
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  /// Makes an image; `DIR` in options is the folder.
  Path create(String name, String options, long size) throws IOException {
    String given = options.replace("DIR", folder.toString());
    if (given.isEmpty()) {
      qemuImg.succeed("create", "-q", "-f", "qcow2", path(name), size);
    } else {
      qemuImg.succeed("create", "-q", "-f", "qcow2", "-o", given, path(name), size);
    }
    return path(name);
  }

  String img(Object... arguments) throws IOException {
    return qemuImg.succeed(arguments);
  }

  Peer.Outcome tryImg(Object... arguments) throws IOException {
    return qemuImg.run(arguments);
  }

  /// Runs commands of `qemu-io` on an image. Some may fail: QEMU compresses only what was not
  /// allocated before.
  void io(Path image, List<String> commands) throws IOException {
    List<Object> arguments = new ArrayList<>(List.of("-f", "qcow2"));
    for (String command : commands) {
      arguments.add("-c");
      arguments.add(command);
    }
    arguments.add(image);
    qemuIo.run(arguments.toArray());
  }

  /// Random writes, zeros, discards and compressed clusters by `qemu-io`.
  void disturb(Path image, long seed, int count, long size, int cluster, boolean compressed)
      throws IOException {
    var random = new SplittableRandom(seed);
    List<String> commands = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long sectors = size / 512;
      long at = random.nextLong(sectors) * 512;
      long length = Math.min((1 + random.nextLong(4L * cluster / 512)) * 512, size - at);
      int pattern = 1 + random.nextInt(255);
      commands.add(
          switch (random.nextInt(compressed ? 6 : 5)) {
            case 0 -> "write -z " + at + " " + length;
            case 1 -> "write -z -u " + at + " " + length;
            case 2 -> "discard " + at + " " + length;
            case 5 ->
                "write -c -P "
                    + pattern
                    + " "
                    + at / cluster * cluster
                    + " "
                    + Math.min(cluster, size - at / cluster * cluster);
            default -> "write -P " + pattern + " " + at + " " + length;
          });
    }
    io(image, commands);
  }

  /// The disk's bytes as `qemu-img` reads them.
  byte[] content(Path image, Object... more) throws IOException {
    Path raw = folder.resolve("content.raw");
    List<Object> arguments = new ArrayList<>(List.of("convert", "-O", "raw"));
    arguments.addAll(List.of(more));
    arguments.addAll(List.of("-f", "qcow2", image, raw));
    qemuImg.succeed(arguments.toArray());
    byte[] bytes = Files.readAllBytes(raw);
    Files.delete(raw);
    return bytes;
  }

  /// Nothing at all must be wrong with an image, not even a leak.
  void check(Path image) throws IOException {
    Peer.Outcome outcome = qemuImg.run("check", "-f", "qcow2", image);
    assertEquals(0, outcome.status(), outcome::output);
  }

  static Disks disks() {
    return new Disks(new Formats(List.of(new QcowFormat(), new RawFormat())));
  }

  DiskOptions options() {
    return DiskOptions.standard().reach(sameFolder());
  }

  Disk open(Path image, Access access) throws IOException {
    return disks().open(image, options().access(access));
  }

  private Reach sameFolder() {
    return new Reach() {
      @Override
      public Storage open(Storage from, String location, Access access) throws IOException {
        return FileStorage.open(folder.resolve(location), access, Sharing.LOCKED);
      }

      @Override
      public List<String> beside(Storage from, List<String> extensions) {
        return List.of();
      }
    };
  }

  /// The disk's bytes as Platter reads them.
  byte[] read(Path image) throws IOException {
    try (Disk disk = open(image, Access.READ)) {
      byte[] bytes = new byte[(int) disk.size()];
      for (int at = 0; at < bytes.length; at += PIECE) {
        int length = Math.min(PIECE, bytes.length - at);
        disk.read(at, MemorySegment.ofArray(bytes).asSlice(at, length));
      }
      return bytes;
    }
  }

  /// Overwrites bytes of a file.
  void patch(Path image, long position, byte... bytes) throws IOException {
    try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(bytes), position);
    }
  }

  /// Eight bytes of a file.
  long word(Path image, long position) throws IOException {
    try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ)) {
      var word = ByteBuffer.allocate(8);
      file.read(word, position);
      return word.getLong(0);
    }
  }
}
