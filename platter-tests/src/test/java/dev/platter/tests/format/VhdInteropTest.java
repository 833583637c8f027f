package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.random;
import static dev.platter.tests.format.VhdLab.blueprint;
import static dev.platter.tests.format.VhdLab.disk;
import static dev.platter.tests.format.VhdLab.read;
import static dev.platter.tests.format.VhdLab.run;
import static dev.platter.tests.format.VhdLab.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.image.Identified;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The same content in QEMU and libvhdi.
class VhdInteropTest {
  private static final int BLOCK = 2 << 20;

  @TempDir private Path folder;

  @BeforeAll
  static void qemuIsInstalled() {
    VhdLab.assumeInstalled("qemu-img", "--version");
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
      Arrays.fill(content, at, Math.min(at + BLOCK - 512, size), (byte) 0);
    }
    if (size > 2 * BLOCK) {
      Arrays.fill(content, BLOCK + 5000, 2 * BLOCK - 70_000, (byte) 0);
    }
    return content;
  }

  private void compare(byte[] content, String image) throws IOException {
    Files.write(folder.resolve("content.raw"), content);
    String found =
        run(folder, "qemu-img", "compare", "-f", "raw", "-F", "vpc", "content.raw", image);
    assertEquals("Images are identical.\n", found);
    String info = run(folder, "qemu-img", "info", "-f", "vpc", "--output=json", image);
    assertEquals("\"virtual-size\": " + content.length, virtualSize(info));
  }

  @ParameterizedTest
  @CsvSource({
    "512, dynamic, 2M",
    "3146240, dynamic, 2M",
    "8388608, dynamic, 2M",
    "9437696, dynamic, 512k",
    "6291968, dynamic, 4k",
    "512, fixed, 2M",
    "3146240, fixed, 2M"
  })
  void qemuReadsWhatIsPlanned(int size, String kind, String blockSize) throws IOException {
    byte[] content = content(size);
    try (Storage storage = file("x.vhd")) {
      Map<String, String> options = Map.of("subformat", kind, "block_size", blockSize);
      write(blueprint(size, options), content, storage);
    }
    compare(content, "x.vhd");
    VhdLab.assumeInstalled("vhdiinfo", "-V");
    String info = run(folder, "vhdiinfo", "x.vhd");
    assertTrue(
        info.contains(" (" + size + " bytes)") || info.contains(": " + size + " bytes"), info);
  }

  @ParameterizedTest
  @CsvSource({
    "512, dynamic, on",
    "3146240, dynamic, on",
    "8388608, dynamic, on",
    "10485760, dynamic, off",
    "3146240, fixed, on",
    "10485760, fixed, off"
  })
  void whatQemuConvertedIsReadAndChanged(int size, String kind, String force) throws IOException {
    byte[] content = content(size);
    Files.write(folder.resolve("in.raw"), content);
    String options = "subformat=" + kind + ",force_size=" + force;
    run(folder, "qemu-img", "convert", "-f", "raw", "-O", "vpc", "-o", options, "in.raw", "x.vhd");
    try (Disk disk = disk(file("x.vhd"))) {
      // without force_size the size is rounded up to a geometry
      content = Arrays.copyOf(content, (int) disk.size());
      assertEquals(force.equals("on") ? size : content.length, content.length);
      assertArrayEquals(content, read(disk));
      change(disk, content, size);
    }
    compare(content, "x.vhd");
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
          disk.discard(at, length);
          disk.read(0, MemorySegment.ofArray(content));
        }
        case 2 -> disk.flush();
        default -> {
          int part = Math.min(length, 70_000);
          byte[] bytes = random(part, turn);
          disk.write(at, MemorySegment.ofArray(bytes));
          System.arraycopy(bytes, 0, content, at, part);
        }
      }
    }
    disk.flush();
    assertArrayEquals(content, read(disk));
  }

  @Test
  void qemuChangesWhatWeChanged() throws IOException {
    byte[] content = new byte[5 * BLOCK];
    try (Storage storage = file("x.vhd")) {
      write(blueprint(content.length, Map.of()), content, storage);
    }
    try (Disk disk = disk(file("x.vhd"))) {
      change(disk, content, 1);
    }
    compare(content, "x.vhd");
    // sectors that QEMU finds allocated although their bits are not set, and new blocks
    run(
        folder,
        "qemu-io",
        "-f",
        "vpc",
        "-c",
        "write -P 7 1000k 3M",
        "-c",
        "write -P 8 9M 1k",
        "x.vhd");
    Arrays.fill(content, 1000 << 10, (1000 << 10) + (3 << 20), (byte) 7);
    Arrays.fill(content, 9 << 20, (9 << 20) + 1024, (byte) 8);
    try (Disk disk = disk(file("x.vhd"))) {
      assertArrayEquals(content, read(disk));
      change(disk, content, 2);
    }
    compare(content, "x.vhd");
  }

  @Test
  void sizesThatAreRoundedAreTheSameInQemu() throws IOException {
    for (long size :
        new long[] {1, 512, 1 << 20, 10 << 20, (10 << 20) + 512, 3L << 30, 127L << 30}) {
      try (Storage storage = file("x.vhd")) {
        Map<String, String> options = Map.of("force_size", "off");
        write(blueprint(size, options), new byte[0], storage);
      }
      run(folder, "qemu-img", "create", "-q", "-f", "vpc", "q.vhd", Long.toString(size));
      try (Disk ours = disk(file("x.vhd"));
          Disk theirs = disk(file("q.vhd"))) {
        assertEquals(theirs.size(), ours.size(), "of " + size);
      }
      String info = run(folder, "qemu-img", "info", "--output=json", "x.vhd");
      String theirs = run(folder, "qemu-img", "info", "--output=json", "q.vhd");
      assertEquals(virtualSize(theirs), virtualSize(info));
      Files.delete(folder.resolve("x.vhd"));
    }
  }

  private static String virtualSize(String json) {
    int at = json.indexOf("\"virtual-size\"");
    return json.substring(at, json.indexOf(',', at));
  }

  @Test
  void libvhdiReadsIdentitiesAsWeDo() throws IOException {
    VhdLab.assumeInstalled("vhdiinfo", "-V");
    try (Storage storage = file("x.vhd")) {
      write(blueprint(1 << 20, Map.of()), new byte[1 << 20], storage);
    }
    String info = run(folder, "vhdiinfo", "x.vhd");
    try (Disk disk = disk(file("x.vhd"))) {
      UUID uuid = ((Identified) disk.top()).identity();
      // libvhdi takes the sixteen bytes in their order, VirtualBox and Platter as Windows does
      String digits = Bytes.mixedEndian(uuid).toString();
      assertTrue(info.replace("-", "").contains(digits), info + uuid);
    }
    assertTrue(info.contains("Dynamic"), info);
  }
}
