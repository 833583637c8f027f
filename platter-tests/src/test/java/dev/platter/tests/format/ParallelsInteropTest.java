package dev.platter.tests.format;

import static dev.platter.tests.format.VdiImages.filled;
import static dev.platter.tests.format.VdiImages.random;
import static dev.platter.tests.format.VdiImages.read;
import static dev.platter.tests.format.VdiImages.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.image.HasGeometry;
import dev.platter.io.Access;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The same content in QEMU and here.
class ParallelsInteropTest {
  @TempDir private Path folder;
  private ParallelsLab lab;
  private Peer image;
  private Peer io;

  @BeforeEach
  void peers() {
    lab = new ParallelsLab(folder);
    image = Peer.named("qemu-img");
    io = Peer.named("qemu-io");
  }

  private void compare(byte[] content, String name) throws IOException {
    Files.write(lab.path("content.raw"), content);
    assertEquals(
        "Images are identical.\n",
        image.succeed(
            "compare", "-f", "raw", "-F", "parallels", lab.path("content.raw"), lab.path(name)));
    String check = image.succeed("check", "-f", "parallels", lab.path(name));
    assertTrue(check.startsWith("No errors were found on the image."), check);
  }

  /// Random changes, to the disk and to the bytes that it should have.
  private static void change(Disk disk, byte[] content, int seed) throws IOException {
    var dice = new SplittableRandom(seed);
    for (int turn = 0; turn < 50; turn++) {
      int at = dice.nextInt(content.length);
      int length = 1 + dice.nextInt(Math.min(content.length - at, 400_000));
      switch (dice.nextInt(5)) {
        case 0 -> {
          disk.zero(at, length, BlockDevice.Room.RELEASE);
          Arrays.fill(content, at, at + length, (byte) 0);
        }
        case 1 -> {
          disk.discard(at, length);
          System.arraycopy(read(disk, at, length), 0, content, at, length);
        }
        case 2 -> disk.flush();
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
  @CsvSource({
    "512, 1M, extended",
    "1049088, 1M, extended",
    "3146240, 64k, extended",
    "2000384, 32256, classic",
    "2000384, 32256, extended",
    "1500160, 4k, classic"
  })
  void bothReadAndChangeWhatIsPlannedHere(int size, String cluster, String variant)
      throws IOException {
    byte[] content = ParallelsLab.content(size);
    lab.create("x.hds", content, Map.of("cluster_size", cluster, "variant", variant));
    compare(content, "x.hds");
    try (Disk disk = lab.open("x.hds", Access.WRITE)) {
      assertArrayEquals(content, read(disk));
      change(disk, content, size);
    }
    compare(content, "x.hds");
    io.succeed("-f", "parallels", "-c", "write -P 0x5a 0 512", lab.path("x.hds"));
    io.succeed(
        "-f", "parallels", "-c", "write -P 0xa5 " + (size - 512) + " 512", lab.path("x.hds"));
    Arrays.fill(content, 0, 512, (byte) 0x5a);
    Arrays.fill(content, size - 512, size, (byte) 0xa5);
    try (Disk disk = lab.open("x.hds", Access.WRITE)) {
      assertArrayEquals(content, read(disk));
      change(disk, content, 8);
    }
    compare(content, "x.hds");
  }

  @ParameterizedTest
  @CsvSource({"512, 1M", "1049088, 1M", "3146240, 64k", "8388608, 1M", "2000384, 32256"})
  void whatQemuMadeIsReadAndChanged(int size, String cluster) throws IOException {
    byte[] content = ParallelsLab.content(size);
    Files.write(lab.path("in.raw"), content);
    Object[] convert = {
      "convert",
      "-f",
      "raw",
      "-O",
      "parallels",
      "-o",
      "cluster_size=" + cluster,
      lab.path("in.raw"),
      lab.path("x.hds")
    };
    image.succeed(convert);
    try (Disk disk = lab.open("x.hds", Access.WRITE)) {
      assertArrayEquals(content, read(disk));
      change(disk, content, size);
    }
    compare(content, "x.hds");
    try (Disk disk = lab.open("x.hds", Access.WRITE)) {
      change(disk, content, 3);
    }
    compare(content, "x.hds");
  }

  @Test
  void aLargeDiskIsOpenedByItsHeader() throws IOException {
    image.succeed("create", "-q", "-f", "parallels", lab.path("x.hds"), "64T");
    io.succeed("-f", "parallels", "-c", "write -P 1 63T 4096", lab.path("x.hds"));
    try (Disk disk = lab.open("x.hds", Access.WRITE)) {
      assertEquals(64L << 40, disk.size());
      assertArrayEquals(filled(4096, 1), read(disk, 63L << 40, 4096));
      write(disk, 5L << 40, filled(512, 9));
    }
    io.succeed("-r", "-f", "parallels", "-c", "read -P 9 5T 512", lab.path("x.hds"));
  }

  @Test
  void theGeometryIsTheOneThatQemuMeant() throws IOException {
    image.succeed("create", "-q", "-f", "parallels", lab.path("x.hds"), "8M");
    try (Disk disk = lab.open("x.hds", Access.READ)) {
      assertEquals(
          new HasGeometry.Geometry(32, 16, 32),
          ((HasGeometry) disk.top()).physical().orElseThrow());
    }
  }

  @Test
  void anImageThatIsOpenHereIsMarkedForQemu() throws IOException {
    byte[] content = ParallelsLab.content(1 << 20);
    lab.create("x.hds", content, Map.of("cluster_size", "64k"));
    try (Disk disk = lab.open("x.hds", Access.WRITE)) {
      assertEquals(0x312e_3276, lab.get("x.hds", 44));
      write(disk, 0, filled(512, 1));
      assertEquals(0x746f_6e59, lab.get("x.hds", 44));
    }
    assertEquals(0x312e_3276, lab.get("x.hds", 44));
    Arrays.fill(content, 0, 512, (byte) 1);
    compare(content, "x.hds");
  }
}
