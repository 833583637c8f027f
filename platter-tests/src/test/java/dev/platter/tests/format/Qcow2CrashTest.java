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
import dev.platter.io.MemoryStorage;
import dev.platter.io.Storage;
import dev.platter.testkit.FaultStorage;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Crashes of images that have snapshots, bitmaps and compressed clusters, which no suite for all
/// formats has; `qemu-img` is the judge.
class Qcow2CrashTest {
  private static final int SIZE = 300 << 10;
  private static final int SECTOR = 512;
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=512",
        "cluster_size=1k,lazy_refcounts=on",
        "cluster_size=4k,compat=0.10",
        "cluster_size=16k,extended_l2=on,compression_type=zstd"
      })
  void snapshotsAndFlushedSectorsSurvive(String options) throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image = lab.create("a.qcow2", options, SIZE);
    int cluster = options.contains("512") ? 512 : options.contains("16k") ? 16384 : 1024;
    lab.disturb(image, 1, 25, SIZE, cluster, true);
    lab.img("snapshot", "-c", "s", image);
    if (!options.contains("0.10")) {
      lab.img("bitmap", "--add", "-g", "512", image, "b");
    }
    lab.disturb(image, 2, 6, SIZE, cluster, true);
    byte[] snapshot = lab.content(image, "-l", "s");
    var file = FaultStorage.copyOf(MemoryStorage.of("a.qcow2", Files.readAllBytes(image)));
    var dice = new SplittableRandom(7);
    int states = 0;
    try (Disk disk = Qcow2Lab.disks().open(file, lab.options().access(Access.WRITE))) {
      for (int round = 0; round < 8; round++) {
        byte[] flushed = content(disk);
        boolean[] touched = new boolean[SIZE / SECTOR];
        disk.flush();
        for (int i = 0; i < 4; i++) {
          change(disk, dice, cluster, touched);
        }
        for (int crash = 0; crash < 3; crash++) {
          judge(lab, file.crash(dice), flushed, touched, snapshot);
          states++;
        }
      }
    }
    assertEquals(24, states);
  }

  private static void change(Disk disk, SplittableRandom dice, int cluster, boolean[] touched)
      throws IOException {
    int offset = dice.nextInt(SIZE);
    int length = Math.min(1 + dice.nextInt(3 * cluster), SIZE - offset);
    switch (dice.nextInt(5)) {
      case 0 -> disk.zero(offset, length, Room.KEEP);
      case 1 -> disk.zero(offset, length, Room.RELEASE);
      case 2 -> {
        int unit = ((Compressing) disk.top()).compressedUnit();
        offset = offset / unit * unit;
        length = Math.min(unit, SIZE - offset);
        disk.write(offset, MemorySegment.ofArray(new byte[] {1}));
        compress((Compressing) disk.top(), offset, unit, dice.nextInt());
      }
      default -> {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) dice.nextInt());
        disk.write(offset, MemorySegment.ofArray(bytes));
      }
    }
    for (int at = offset / SECTOR; at <= (offset + length - 1) / SECTOR; at++) {
      touched[at] = true;
    }
  }

  private static void compress(Compressing image, int offset, int unit, int seed)
      throws IOException {
    byte[] bytes = new byte[unit];
    java.util.Arrays.fill(bytes, (byte) seed);
    var target = MemorySegment.ofArray(new byte[2 * unit + 1024]);
    try (Packing.Encoder encoder = image.encoder()) {
      int length = encoder.encode(offset, MemorySegment.ofArray(bytes), target);
      Reservation room = image.reserveEncoded(offset, length);
      room.storage().write(room.position(), target.asSlice(0, length));
      room.publish();
    }
  }

  /// What was flushed and not touched since is there, the snapshot too; after writing again and
  /// closing, only leaks are left.
  private void judge(
      Qcow2Lab lab, Storage crashed, byte[] flushed, boolean[] touched, byte[] snapshot)
      throws IOException {
    try (Disk disk = Qcow2Lab.disks().open(crashed, lab.options().access(Access.WRITE))) {
      byte[] found = content(disk);
      for (int at = 0; at < SIZE; at++) {
        int position = at;
        assertTrue(
            touched[at / SECTOR] || found[at] == flushed[at],
            () -> "byte " + position + " is lost");
      }
      disk.write(SIZE / 2, MemorySegment.ofArray(new byte[5000]));
    }
    byte[] bytes = new byte[(int) crashed.size()];
    crashed.read(0, MemorySegment.ofArray(bytes));
    Path copy = folder.resolve("crashed.qcow2");
    Files.write(copy, bytes);
    Peer.Outcome check = lab.tryImg("check", "-f", "qcow2", copy);
    assertTrue(check.status() == 0 || check.status() == 3, check::output);
    assertArrayEquals(snapshot, lab.content(copy, "-l", "s"));
  }

  private static byte[] content(Disk disk) throws IOException {
    byte[] bytes = new byte[SIZE];
    disk.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }
}
