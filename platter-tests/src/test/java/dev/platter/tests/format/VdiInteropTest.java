package dev.platter.tests.format;

import static dev.platter.tests.format.VdiImages.FORMAT;
import static dev.platter.tests.format.VdiImages.blueprint;
import static dev.platter.tests.format.VdiImages.disk;
import static dev.platter.tests.format.VdiImages.filled;
import static dev.platter.tests.format.VdiImages.random;
import static dev.platter.tests.format.VdiImages.read;
import static dev.platter.tests.format.VdiImages.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.Extent;
import dev.platter.image.Allocation;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The same content in both programs.
class VdiInteropTest {
  private static final int BLOCK = 1 << 20;

  @TempDir private Path folder;

  @BeforeAll
  static void qemuIsInstalled() throws InterruptedException {
    boolean found = false;
    try {
      found = new ProcessBuilder("qemu-img", "--version").start().waitFor() == 0;
    } catch (IOException _) {
      // assumed below
    }
    assumeTrue(found, "qemu-img is not installed");
  }

  private String run(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    try (var output = process.getInputStream()) {
      String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), () -> List.of(command) + ": " + text);
      return text;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private Storage file(String name) throws IOException {
    Path path = folder.resolve(name);
    if (!Files.exists(path)) {
      Files.createFile(path);
    }
    return FileStorage.open(path, Access.WRITE, Sharing.LOCKED);
  }

  /// Content with empty blocks, full ones and partly filled ones.
  private static byte[] content(int size) {
    byte[] content = random(size, size);
    for (int at = 0; at < size; at += 3 * BLOCK) {
      Arrays.fill(content, at, Math.min(at + BLOCK, size), (byte) 0);
    }
    if (size > 2 * BLOCK) {
      Arrays.fill(content, BLOCK + 5000, 2 * BLOCK - 70_000, (byte) 0);
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
    Files.write(folder.resolve("content.raw"), content);
    String found = run("qemu-img", "compare", "-f", "raw", "-F", "vdi", "content.raw", image);
    assertEquals("Images are identical.\n", found);
    assertTrue(run("qemu-img", "check", image).startsWith("No errors were found on the image."));
  }

  @ParameterizedTest
  @CsvSource({
    "512, off",
    "3146240, off",
    "8388608, off",
    "512, on",
    "3146240, on",
    "7340544, on",
    "5242368, off"
  })
  void qemuReadsWhatIsPlanned(int size, String fixed) throws IOException {
    byte[] content = content(size);
    try (Storage storage = file("x.vdi")) {
      var blueprint = blueprint(size, Map.of("static", fixed));
      write(FORMAT.plan(blueprint, allocation(content)), content, storage);
    }
    compare(content, "x.vdi");
  }

  @ParameterizedTest
  @CsvSource({"512, off", "3146240, off", "8388608, off", "512, on", "3146240, on", "5242368, off"})
  void whatQemuConvertedIsReadAndChanged(int size, String fixed) throws IOException {
    byte[] content = content(size);
    Files.write(folder.resolve("in.raw"), content);
    String[] convert = {
      "qemu-img", "convert", "-f", "raw", "-O", "vdi", "-o", "static=" + fixed, "in.raw", "x.vdi"
    };
    run(convert);
    try (Disk disk = disk(file("x.vdi"))) {
      assertArrayEquals(content, read(disk));
      change(disk, content, size);
    }
    compare(content, "x.vdi");
  }

  /// Random changes, to the disk and to the bytes that it should have.
  private static void change(Disk disk, byte[] content, int seed) throws IOException {
    var dice = new SplittableRandom(seed);
    for (int turn = 0; turn < 60; turn++) {
      int at = dice.nextInt(content.length);
      int length = 1 + dice.nextInt(Math.min(content.length - at, 2 * BLOCK));
      switch (dice.nextInt(5)) {
        case 0 -> {
          disk.zero(at, length, BlockDevice.Room.RELEASE);
          Arrays.fill(content, at, at + length, (byte) 0);
        }
        case 1 -> {
          disk.zero(at, length, BlockDevice.Room.KEEP);
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
    assertArrayEquals(content, read(disk));
  }

  @ParameterizedTest
  @CsvSource({"3146240, off", "8388608, off", "5242368, on"})
  void qemuReadsAndContinuesWhatWasChangedInPlace(int size, String fixed) throws IOException {
    byte[] content = new byte[size];
    try (Storage storage = file("x.vdi")) {
      write(FORMAT.plan(blueprint(size, Map.of("static", fixed)), Allocation.empty(size)), storage);
    }
    try (Disk disk = disk(file("x.vdi"))) {
      change(disk, content, 7);
    }
    compare(content, "x.vdi");
    int at = size - 100_352;
    run("qemu-io", "-f", "vdi", "-c", "write -P 0x5a " + at + " 99840", "x.vdi");
    run("qemu-io", "-f", "vdi", "-c", "write -P 0xa5 0 512", "x.vdi");
    Arrays.fill(content, at, at + 99840, (byte) 0x5a);
    Arrays.fill(content, 0, 512, (byte) 0xa5);
    try (Disk disk = disk(file("x.vdi"))) {
      assertArrayEquals(content, read(disk));
      change(disk, content, 8);
    }
    compare(content, "x.vdi");
  }

  @Test
  void anEightTebibyteDiskGoesBothWays() throws IOException {
    long size = 8L << 40;
    run("qemu-img", "create", "-q", "-f", "vdi", "theirs.vdi", "8T");
    run("qemu-io", "-c", "write -P 1 7T 4096", "theirs.vdi");
    try (Disk disk = disk(file("theirs.vdi"))) {
      assertArrayEquals(filled(4096, 1), read(disk, 7L << 40, 4096));
      List<Extent> extents = new ArrayList<>();
      for (long at = 0; at < size; at = extents.getLast().end()) {
        extents.add(disk.extent(at, size - at));
      }
      assertEquals(3, extents.size());
    }
    try (Storage storage = file("ours.vdi")) {
      var runs = new Allocation.Builder().data(size - 512, 512).build(size);
      write(FORMAT.plan(blueprint(size, Map.of()), runs), storage);
    }
    try (Disk disk = disk(file("ours.vdi"))) {
      write(disk, size - 512, filled(512, 9));
      write(disk, 3L << 40, filled(512, 8));
    }
    run("qemu-io", "-r", "-c", "read -P 9 " + (size - 512) + " 512", "ours.vdi");
    run("qemu-io", "-r", "-c", "read -P 8 3T 512", "ours.vdi");
    assertTrue(run("qemu-img", "check", "ours.vdi").startsWith("No errors"));
  }

  @Test
  void anEmptyDiskIsOne() throws IOException {
    run("qemu-img", "create", "-q", "-f", "vdi", "theirs.vdi", "0");
    try (Disk disk = disk(file("theirs.vdi"))) {
      assertEquals(0, disk.size());
    }
    try (Storage storage = file("ours.vdi")) {
      write(FORMAT.plan(blueprint(0, Map.of()), Allocation.empty(0)), storage);
    }
    assertTrue(run("qemu-img", "info", "ours.vdi").contains("virtual size: 0 B"));
  }
}
