package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice.Room;
import dev.platter.Disk;
import dev.platter.image.Compressing;
import dev.platter.image.Packing;
import dev.platter.image.Reservation;
import dev.platter.io.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every kind of image that `qemu-img` makes: read by Platter, and written by it in place.
class Qcow2PeerTest {
  @TempDir Path folder;

  /// A kind of image.
  ///
  /// @param options of `qemu-img create`
  /// @param compressed whether it can have compressed clusters
  record Kind(String options, int cluster, boolean compressed) {
    long size() {
      return Math.clamp(90L * cluster, 1 << 20, 16 << 20) + 512;
    }

    @Override
    public String toString() {
      return options;
    }
  }

  static Stream<Kind> kinds() {
    return Stream.of(
        new Kind("compat=1.1", 65536, true),
        new Kind("compat=0.10", 65536, true),
        new Kind("compat=0.10,cluster_size=512", 512, true),
        new Kind("cluster_size=512", 512, true),
        new Kind("cluster_size=4k", 4096, true),
        new Kind("cluster_size=2M", 2 << 20, true),
        new Kind("refcount_bits=1", 65536, true),
        new Kind("refcount_bits=2,cluster_size=512", 512, true),
        new Kind("refcount_bits=4", 65536, true),
        new Kind("refcount_bits=8,cluster_size=1k", 1024, true),
        new Kind("refcount_bits=32", 65536, true),
        new Kind("refcount_bits=64,cluster_size=512", 512, true),
        new Kind("lazy_refcounts=on", 65536, true),
        new Kind("compression_type=zstd", 65536, true),
        new Kind("extended_l2=on", 65536, true),
        new Kind("extended_l2=on,cluster_size=16k,compression_type=zstd", 16384, true),
        new Kind("extended_l2=on,lazy_refcounts=on,cluster_size=2M", 2 << 20, true),
        new Kind("preallocation=metadata", 65536, true),
        new Kind("preallocation=falloc,cluster_size=4k", 4096, true),
        new Kind("preallocation=full,extended_l2=on", 65536, true),
        new Kind("data_file=DIR/data.raw", 65536, false),
        new Kind("data_file=DIR/data.raw,extended_l2=on", 65536, false),
        new Kind("data_file=DIR/data.raw,data_file_raw=on", 65536, false));
  }

  static Stream<Kind> kindsWithParent() {
    return kinds().filter(k -> !k.options.contains("raw=on"));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatQemuWroteIsRead(Kind kind) throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", kind.options, kind.size());
    lab.disturb(image, 1, 60, kind.size(), kind.cluster, kind.compressed);
    assertArrayEquals(lab.content(image), lab.read(image));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anImageIsWrittenInPlace(Kind kind) throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", kind.options, kind.size());
    lab.disturb(image, 2, 40, kind.size(), kind.cluster, kind.compressed);
    writeAndCompare(lab, image, kind);
  }

  @ParameterizedTest
  @MethodSource("kindsWithParent")
  void aChildIsWrittenInPlace(Kind kind) throws IOException {
    var lab = new Qcow2Lab(folder);
    Path parent = lab.create("parent.qcow2", "cluster_size=8k", kind.size() * 3 / 4 / 512 * 512);
    lab.disturb(parent, 3, 40, kind.size() * 3 / 4 / 512 * 512, kind.cluster, true);
    String backing = ",backing_file=DIR/parent.qcow2,backing_fmt=qcow2";
    if (!kind.options.contains("preallocation")) {
      Path image = lab.create("a.qcow2", kind.options + backing, kind.size());
      byte[] before = lab.content(parent);
      lab.disturb(image, 4, 20, kind.size(), kind.cluster, kind.compressed);
      writeAndCompare(lab, image, kind);
      assertArrayEquals(before, lab.content(parent));
    }
    assertTrue(Files.exists(parent));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void snapshotsKeepWhatTheyHave(Kind kind) throws IOException {
    if (kind.options.contains("data_file") || kind.options.matches(".*refcount_bits=[12]\\b.*")) {
      assertTrue(kind.cluster > 0, "such images have no internal snapshots");
      return;
    }
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", kind.options, kind.size());
    lab.disturb(image, 5, 30, kind.size(), kind.cluster, kind.compressed);
    lab.img("snapshot", "-c", "one", image);
    lab.disturb(image, 6, 10, kind.size(), kind.cluster, kind.compressed);
    lab.img("snapshot", "-c", "two", image);
    byte[] one = lab.content(image, "-l", "one");
    byte[] two = lab.content(image, "-l", "two");
    writeAndCompare(lab, image, kind);
    assertArrayEquals(one, lab.content(image, "-l", "one"));
    assertArrayEquals(two, lab.content(image, "-l", "two"));
    lab.img("snapshot", "-d", "one", image);
    lab.img("snapshot", "-d", "two", image);
    lab.check(image);
  }

  private static void writeAndCompare(Qcow2Lab lab, Path image, Kind kind) throws IOException {
    byte[] model = lab.content(image);
    for (int round = 0; round < 3; round++) {
      try (Disk disk = lab.open(image, Access.WRITE)) {
        var random = new SplittableRandom(round);
        for (int i = 0; i < 40; i++) {
          change(disk, model, random, kind.cluster);
        }
        assertArrayEquals(model, contentOf(disk));
      }
      lab.check(image);
      assertArrayEquals(model, lab.content(image));
    }
    lab.disturb(image, 7, 10, kind.size(), kind.cluster, kind.compressed);
    lab.check(image);
    assertArrayEquals(lab.content(image), lab.read(image));
  }

  private static void change(Disk disk, byte[] model, SplittableRandom random, int cluster)
      throws IOException {
    int offset = random.nextInt(model.length);
    int length = Math.min(1 + random.nextInt(3 * cluster), model.length - offset);
    switch (random.nextInt(8)) {
      case 0 -> {
        disk.zero(offset, length, Room.KEEP);
        Arrays.fill(model, offset, offset + length, (byte) 0);
      }
      case 1 -> {
        disk.zero(offset, length, Room.RELEASE);
        Arrays.fill(model, offset, offset + length, (byte) 0);
      }
      case 2 -> {
        disk.discard(offset, length);
        byte[] now = contentOf(disk);
        assertArrayEquals(Arrays.copyOf(model, offset), Arrays.copyOf(now, offset));
        for (int at = offset; at < offset + length; at++) {
          assertTrue(now[at] == model[at] || now[at] == 0);
        }
        System.arraycopy(now, 0, model, 0, model.length);
      }
      case 3 -> disk.flush();
      case 4 -> compress(disk, model, offset / cluster * cluster, cluster, random.nextInt());
      default -> {
        var bytes = new byte[length];
        new java.util.Random(random.nextInt()).nextBytes(bytes);
        disk.write(offset, MemorySegment.ofArray(bytes));
        System.arraycopy(bytes, 0, model, offset, length);
      }
    }
  }

  /// A compressed cluster, in the way in which the engine writes one.
  private static void compress(Disk disk, byte[] model, int offset, int cluster, int seed)
      throws IOException {
    if (disk.top().storages().size() > 1) {
      return;
    }
    disk.write(offset, MemorySegment.ofArray(new byte[] {1}));
    model[offset] = 1;
    var image = (Compressing) disk.top();
    byte[] unit = new byte[cluster];
    for (int i = 0; i < cluster; i++) {
      unit[i] = (byte) (seed >> i / 16 % 24);
    }
    var target = new byte[2 * cluster + 1024];
    try (Packing.Encoder encoder = image.encoder()) {
      int length =
          encoder.encode(offset, MemorySegment.ofArray(unit), MemorySegment.ofArray(target));
      if (length == Packing.Encoder.RAW) {
        return;
      }
      Reservation room = image.reserveEncoded(offset, length);
      room.storage().write(room.position(), MemorySegment.ofArray(target).asSlice(0, length));
      room.publish();
      System.arraycopy(unit, 0, model, offset, Math.min(cluster, model.length - offset));
    }
  }

  private static byte[] contentOf(Disk disk) throws IOException {
    byte[] bytes = new byte[(int) disk.size()];
    disk.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Test
  void smallClustersOutgrowTheRefcountTable() throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", "cluster_size=512,refcount_bits=64", 24 << 20);
    byte[] model = new byte[24 << 20];
    new java.util.Random(1).nextBytes(model);
    try (Disk disk = lab.open(image, Access.WRITE)) {
      for (int at = 0; at < model.length; at += 1 << 20) {
        disk.write(at, MemorySegment.ofArray(model).asSlice(at, 1 << 20));
      }
    }
    lab.check(image);
    assertArrayEquals(model, lab.content(image));
  }

  @Test
  void nothingIsLeftOfADiscardedDisk() throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", "cluster_size=4k", 8 << 20);
    lab.io(image, List.of("write -P 1 0 8M"));
    try (Disk disk = lab.open(image, Access.WRITE)) {
      disk.discard(0, disk.size());
      disk.flush();
      byte[] zeros = new byte[8 << 20];
      assertArrayEquals(zeros, contentOf(disk));
    }
    lab.check(image);
    assertEquals(0, lab.img("map", "--output=json", image).split("\"data\": true", -1).length - 1);
  }
}
