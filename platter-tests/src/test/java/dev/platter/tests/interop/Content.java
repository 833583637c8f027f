package dev.platter.tests.interop;

import dev.platter.testkit.Peer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Raw disks to copy.
final class Content {
  private static final int SECTOR = 512;

  private Content() {}

  /// Random bytes.
  static byte[] noise(long seed, int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  /// One sector.
  static Path sector(Path file) throws IOException {
    return Files.write(file, noise(1, SECTOR));
  }

  /// Random data without a hole, of a size that is no multiple of any cluster.
  static Path dense(Path file) throws IOException {
    return Files.write(file, noise(2, (1 << 20) + 37 * SECTOR));
  }

  /// Data, zeros and holes whose ends are nobody's boundaries, and whose size is neither.
  static Path mixed(Path file) throws IOException {
    long size = (5 << 20) + 37 * SECTOR;
    try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(size);
      put(raw, 0, noise(3, 700));
      put(raw, 65_536 - 300, noise(4, 600));
      put(raw, 300_001, noise(5, 400_000));
      put(raw, 1 << 20, new byte[300_000]);
      put(raw, (3 << 20) - 1, new byte[] {1});
      put(raw, 3_500_000, "text text ".repeat(20_000).getBytes());
      put(raw, size - 513, noise(6, 513));
    }
    return file;
  }

  /// Nothing.
  static Path empty(Path file) throws IOException {
    return sparse(file, 10 << 20);
  }

  /// A little data at the start, the middle and the end of a hole.
  static Path sparse(Path file, long size, long... positions) throws IOException {
    try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(size);
      for (long position : positions) {
        put(raw, position, noise(position, 5000));
      }
    }
    return file;
  }

  private static void put(RandomAccessFile raw, long position, byte[] bytes) throws IOException {
    raw.seek(position);
    raw.write(bytes);
  }

  /// An ext4 file system with real files of this machine.
  static Path fileSystem(Path file, Path scratch, long size) throws IOException {
    Path root = Files.createDirectory(scratch);
    long left = size / 2;
    Path home = Path.of(System.getProperty("java.home"));
    List<Path> found;
    try (Stream<Path> all = Files.walk(home)) {
      found = all.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path next : found) {
      long length = Files.size(next);
      if (length < Math.min(left, size / 5)) {
        Path copy = root.resolve(home.relativize(next));
        Files.createDirectories(copy.getParent());
        Files.copy(next, copy);
        left -= length;
      }
    }
    Peer.named("mkfs.ext4").succeed("-q", "-F", "-d", root, file, size / 1024 + "k");
    return file;
  }
}
