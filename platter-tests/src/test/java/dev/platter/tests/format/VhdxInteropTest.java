package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.get;
import static dev.platter.tests.format.LabBytes.put;
import static dev.platter.tests.format.LabBytes.random;
import static dev.platter.tests.format.VhdxLab.FORMAT;
import static dev.platter.tests.format.VhdxLab.MIB;
import static dev.platter.tests.format.VhdxLab.blueprint;
import static dev.platter.tests.format.VhdxLab.disk;
import static dev.platter.tests.format.VhdxLab.read;
import static dev.platter.tests.format.VhdxLab.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice.Room;
import dev.platter.Disk;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import dev.platter.testkit.Peer;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The same content in other programs.
class VhdxInteropTest {
  private final Peer qemuImg = Peer.named("qemu-img");
  private final Peer qemuIo = Peer.named("qemu-io");
  @TempDir private Path folder;

  private Path path(String name) {
    return folder.resolve(name);
  }

  private Storage file(String name) throws IOException {
    if (!Files.exists(path(name))) {
      Files.createFile(path(name));
    }
    return FileStorage.open(path(name), Access.WRITE, Sharing.LOCKED);
  }

  /// Content with empty blocks, full ones and partly filled ones.
  private static byte[] content(int size) {
    byte[] content = random(size, size);
    for (int at = 0; at < size; at += 3 * MIB) {
      Arrays.fill(content, at, Math.min(at + MIB, size), (byte) 0);
    }
    if (size > 2 * MIB) {
      Arrays.fill(content, MIB + 5000, 2 * MIB - 70_000, (byte) 0);
    }
    return content;
  }

  private static Allocation allocation(byte[] content) {
    var runs = new Allocation.Builder();
    for (int at = 0; at < content.length; at += 512) {
      int end = Math.min(at + 512, content.length);
      if (Arrays.mismatch(Arrays.copyOfRange(content, at, end), new byte[end - at]) >= 0) {
        runs.data(at, end - at);
      }
    }
    return runs.build(content.length);
  }

  private void compare(byte[] content, String image) throws IOException {
    Files.write(path("content.raw"), content);
    assertEquals(
        "Images are identical.\n",
        qemuImg.succeed("compare", "-f", "raw", "-F", "vhdx", path("content.raw"), path(image)));
    String checked = qemuImg.succeed("check", "-f", "vhdx", path(image));
    assertTrue(checked.startsWith("No errors were found"), checked);
  }

  @ParameterizedTest
  @CsvSource({
    "512, dynamic, 1M",
    "3146240, dynamic, 1M",
    "8388608, dynamic, 2M",
    "5242368, dynamic, 256M",
    "512, fixed, 1M",
    "7340544, fixed, 4M"
  })
  void qemuReadsWhatIsPlanned(int size, String subformat, String blockSize) throws IOException {
    byte[] content = content(size);
    try (Storage storage = file("x.vhdx")) {
      var options = Map.of("subformat", subformat, "block_size", blockSize);
      write(FORMAT.plan(blueprint(size, options), allocation(content)), content, storage);
    }
    compare(content, "x.vhdx");
  }

  @ParameterizedTest
  @CsvSource({
    "512, dynamic, 1M, on",
    "3146240, dynamic, 1M, off",
    "8388608, dynamic, 2M, on",
    "3146240, fixed, 1M, on",
    "5242368, fixed, 4M, off"
  })
  void whatQemuConvertedIsReadAndChanged(int size, String subformat, String blockSize, String zeros)
      throws IOException {
    byte[] content = content(size);
    Files.write(path("in.raw"), content);
    String options =
        "subformat=" + subformat + ",block_size=" + blockSize + ",block_state_zero=" + zeros;
    qemuImg.succeed(
        "convert", "-f", "raw", "-O", "vhdx", "-o", options, path("in.raw"), path("x.vhdx"));
    try (Disk disk = disk(file("x.vhdx"))) {
      assertArrayEquals(content, read(disk, 0, size));
      change(disk, content, size);
    }
    compare(content, "x.vhdx");
    int at = size / 1024 * 512;
    int length = Math.min(size - at, 99_840);
    qemuIo.succeed("-f", "vhdx", "-c", "write -P 0x5a " + at + " " + length, path("x.vhdx"));
    Arrays.fill(content, at, at + length, (byte) 0x5a);
    try (Disk disk = disk(file("x.vhdx"))) {
      assertArrayEquals(content, read(disk, 0, size));
      change(disk, content, size + 1);
    }
    compare(content, "x.vhdx");
  }

  /// QEMU leaves 4 MiB before the first block.
  @ParameterizedTest
  @CsvSource({"dynamic, 1M", "dynamic, 32M", "fixed, 8M"})
  void whatQemuLeavesFreeIsNoLeak(String subformat, String blockSize) throws IOException {
    String options = "subformat=" + subformat + ",block_size=" + blockSize;
    qemuImg.succeed("create", "-q", "-f", "vhdx", "-o", options, path("x.vhdx"), "70M");
    Cli.succeed("check", path("x.vhdx"));
    qemuIo.succeed("-f", "vhdx", "-c", "write -P 3 40M 5M", path("x.vhdx"));
    Cli.succeed("check", path("x.vhdx"));
    Cli.succeed("io", "-c", "write -q -P 4 1M 9M", path("x.vhdx"));
    Cli.succeed("check", path("x.vhdx"));
    qemuIo.succeed("-f", "vhdx", "-c", "read -P 4 1M 9M", "-c", "read -P 3 40M 5M", path("x.vhdx"));
    qemuImg.succeed("check", "-f", "vhdx", path("x.vhdx"));
  }

  /// Random changes, to the disk and to the bytes that it should have.
  private static void change(Disk disk, byte[] content, int seed) throws IOException {
    var dice = new SplittableRandom(seed);
    for (int turn = 0; turn < 40; turn++) {
      int at = dice.nextInt(content.length);
      int length = 1 + dice.nextInt(Math.min(content.length - at, 2 * MIB));
      switch (dice.nextInt(5)) {
        case 0 -> {
          disk.zero(at, length, Room.RELEASE);
          Arrays.fill(content, at, at + length, (byte) 0);
        }
        case 1 -> {
          disk.zero(at, length, Room.KEEP);
          Arrays.fill(content, at, at + length, (byte) 0);
        }
        case 2 -> {
          disk.discard(at, length);
          System.arraycopy(read(disk, at, length), 0, content, at, length);
        }
        case 3 -> disk.flush();
        default -> {
          byte[] bytes = random(length, turn);
          write(disk, at, bytes);
          System.arraycopy(bytes, 0, content, at, length);
        }
      }
    }
    assertArrayEquals(content, read(disk, 0, content.length));
  }

  /// Our log, with nothing of it in its place yet.
  @Test
  void qemuReplaysOurLog() throws IOException {
    byte[] content = content(4 * MIB);
    var options = Map.of("block_size", "1M");
    try (Storage storage = file("x.vhdx")) {
      write(
          FORMAT.plan(blueprint(content.length, options), Allocation.empty(content.length)),
          new byte[0],
          storage);
    }
    try (Disk disk = disk(file("x.vhdx"))) {
      write(disk, 0, content);
      disk.flush();
      Files.copy(path("x.vhdx"), path("crashed.vhdx"));
    }
    try (Storage crashed = file("crashed.vhdx")) {
      byte[] table = get(crashed, VhdxLab.BAT, 4096);
      put(crashed, VhdxLab.BAT, new byte[4096]);
      assertNotEquals(0, table[8]);
    }
    Peer.Outcome dirty = qemuImg.run("check", "-f", "vhdx", path("crashed.vhdx"));
    assertTrue(dirty.output().contains("log that needs to be replayed"), dirty.output());
    qemuImg.succeed("check", "-r", "all", "-f", "vhdx", path("crashed.vhdx"));
    compare(content, "crashed.vhdx");
    compare(content, "x.vhdx");
  }

  /// QEMU 7.2 could not write to an image whose headers name a log without entries.
  @Test
  void anImageThatWasOnlyWrittenInPlaceHasNoLogAfterACrash() throws IOException {
    byte[] content = random(2 * MIB, 3);
    try (Storage storage = file("x.vhdx")) {
      var runs = Allocation.full(content.length);
      write(FORMAT.plan(blueprint(content.length, Map.of()), runs), content, storage);
    }
    try (Disk disk = disk(file("x.vhdx"))) {
      byte[] bytes = random(100, 4);
      write(disk, 77, bytes);
      System.arraycopy(bytes, 0, content, 77, 100);
      disk.flush();
      Files.copy(path("x.vhdx"), path("crashed.vhdx"));
    }
    compare(content, "crashed.vhdx");
    qemuIo.succeed("-f", "vhdx", "-c", "write -P 1 0 512", path("crashed.vhdx"));
  }

  @Test
  void aSixtyTebibyteDiskGoesBothWays() throws IOException {
    long size = 60L << 40;
    qemuImg.succeed("create", "-q", "-f", "vhdx", path("theirs.vhdx"), "60T");
    qemuIo.succeed("-f", "vhdx", "-c", "write -P 1 7T 4096", path("theirs.vhdx"));
    byte[] ones = new byte[4096];
    Arrays.fill(ones, (byte) 1);
    try (Disk disk = disk(file("theirs.vhdx"))) {
      assertArrayEquals(ones, read(disk, 7L << 40, 4096));
      write(disk, size - 512, Arrays.copyOf(ones, 512));
    }
    qemuIo.succeed("-r", "-f", "vhdx", "-c", "read -P 1 7T 4096", path("theirs.vhdx"));
    qemuIo.succeed(
        "-r", "-f", "vhdx", "-c", "read -P 1 " + (size - 512) + " 512", path("theirs.vhdx"));
    String checked = qemuImg.succeed("check", "-f", "vhdx", path("theirs.vhdx"));
    assertTrue(checked.startsWith("No errors were found"), checked);
  }

  @Test
  void libvhdiSeesTheKindsAndTheParent() throws IOException {
    Peer vhdiinfo = Peer.named("vhdiinfo");
    try (Storage storage = file("base.vhdx")) {
      write(FORMAT.plan(blueprint(MIB, Map.of()), Allocation.empty(MIB)), new byte[0], storage);
    }
    try (Disk base = disk(file("base.vhdx"));
        Storage storage = file("child.vhdx")) {
      var backing =
          new Blueprint.Backing("base.vhdx", Optional.of("vhdx"), Optional.of(base.top()));
      Blueprint blueprint = blueprint(MIB, Map.of()).on(backing);
      write(FORMAT.plan(blueprint, Allocation.empty(MIB)), new byte[0], storage);
    }
    String base = vhdiinfo.succeed(path("base.vhdx"));
    assertTrue(base.contains("Dynamic"), base);
    String child = vhdiinfo.succeed(path("child.vhdx"));
    assertTrue(child.contains("Differential") && child.contains("Parent identifier"), child);
  }

  /// 4096-byte sectors and parents are what QEMU 7.2 leaves out.
  @Test
  void qemuRefusesLargeSectors() throws IOException {
    try (Storage storage = file("x.vhdx")) {
      var options = Map.of("logical_sector_size", "4096");
      write(FORMAT.plan(blueprint(MIB, options), Allocation.empty(MIB)), new byte[0], storage);
    }
    assertNotEquals(0, qemuImg.run("info", "-f", "vhdx", path("x.vhdx")).status());
  }
}
