package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.format.bochs.BochsFormat;
import dev.platter.image.ImageException;
import dev.platter.image.ReadOnlyException;
import dev.platter.testkit.Lab;
import dev.platter.testkit.Mutants;
import dev.platter.testkit.Peer;
import dev.platter.testkit.Variant;
import dev.platter.tests.cli.Cli;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Growing images of Bochs: its own program's, and some made by hand, which QEMU reads too.
class BochsTest {
  private static final int SECTOR = 512;
  private static final int EXTENT = 4096;
  private static final int EXTENTS = 5;
  private static final int CATALOG = 7;

  @TempDir private Path folder;
  private OpticalLab lab;

  @BeforeEach
  void lab() {
    lab = new OpticalLab(folder);
  }

  /// An image of the sectors that are not zeros; extents are in the order of the disk, backwards.
  private static byte[] image(byte[] disk, int version, String subtype) {
    int base = SECTOR + 4 * CATALOG;
    int room = SECTOR + EXTENT;
    var out = ByteBuffer.allocate(base + EXTENTS * room).order(ByteOrder.LITTLE_ENDIAN);
    out.put(0, "Bochs Virtual HD Image".getBytes(StandardCharsets.US_ASCII));
    out.put(32, "Redolog".getBytes(StandardCharsets.US_ASCII));
    out.put(48, subtype.getBytes(StandardCharsets.US_ASCII));
    out.putInt(64, version).putInt(68, SECTOR).putInt(72, CATALOG).putInt(76, 1);
    out.putInt(80, EXTENT).putLong(version == 0x10000 ? 84 : 88, disk.length);
    int place = 0;
    for (int extent = CATALOG - 1; extent >= 0; extent--) {
      int used = 0;
      for (int sector = 0; sector < EXTENT / SECTOR; sector++) {
        int at = extent * EXTENT + sector * SECTOR;
        byte[] bytes = at < disk.length ? Arrays.copyOfRange(disk, at, at + SECTOR) : new byte[1];
        if (Arrays.mismatch(bytes, new byte[bytes.length]) >= 0) {
          used |= 1 << sector;
          out.put(base + place * room + SECTOR + sector * SECTOR, bytes);
        }
      }
      out.putInt(SECTOR + 4 * extent, used == 0 ? -1 : place);
      if (used != 0) {
        out.put(base + place * room, (byte) used);
        place++;
      }
    }
    return Arrays.copyOf(out.array(), base + place * room);
  }

  private static byte[] disk() {
    byte[] disk = new byte[6 * EXTENT + 3 * SECTOR];
    byte[] random = VdiImages.random(disk.length, 5);
    for (int sector : new int[] {0, 1, 2, 7, 8, 24, 25, 26, 31, 32, 50}) {
      System.arraycopy(random, sector * SECTOR, disk, sector * SECTOR, SECTOR);
    }
    return disk;
  }

  private byte[] qemu(String name) throws IOException {
    Path raw = lab.path("theirs.raw");
    Peer.named("qemu-img").succeed("convert", "-f", "bochs", "-O", "raw", lab.path(name), raw);
    return Files.readAllBytes(raw);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x10000, 0x20000})
  void bothVersionsAreReadAsQemuReadsThem(int version) throws IOException {
    lab.write("x.img", image(disk(), version, "Growing"));
    assertEquals("bochs", lab.probe("x.img"));
    assertArrayEquals(disk(), qemu("x.img"));
    assertArrayEquals(disk(), lab.read("x.img"));
    assertEquals(0, lab.check("x.img").size());
    Cli.succeed("convert", "-O", "raw", lab.path("x.img"), lab.path("ours.raw"));
    assertArrayEquals(disk(), Files.readAllBytes(lab.path("ours.raw")));
    String theirs =
        Peer.named("qemu-img").succeed("map", "--output=json", "-f", "bochs", lab.path("x.img"));
    assertTrue(theirs.contains("\"data\": true"), theirs);
    var writable = OpticalLab.options().writable();
    assertThrows(ReadOnlyException.class, () -> lab.open("x.img", writable));
    assertTrue(Cli.succeed("dump", lab.path("x.img")).contains("extent 6"));
  }

  @Test
  void anImageOfBochsIsRead() throws IOException {
    byte[] content = new byte[10_321_920];
    System.arraycopy(VdiImages.random(700_000, 1), 0, content, 0, 700_000);
    System.arraycopy(VdiImages.random(5_000, 2), 0, content, 9_000_192, 5_000);
    lab.write("x.raw", content);
    Peer.named("bximage")
        .succeed("-q", "-func=convert", "-imgmode=growing", lab.path("x.raw"), lab.path("x.img"));
    assertEquals("bochs", lab.probe("x.img"));
    assertArrayEquals(content, lab.read("x.img"));
    assertArrayEquals(content, qemu("x.img"));
    assertEquals(0, lab.check("x.img").size());
    Peer.named("bximage")
        .succeed("-q", "-func=create", "-hd=2000M", "-imgmode=growing", lab.path("y.img"));
    try (Disk disk = lab.open("y.img")) {
      String said = Cli.succeed("info", lab.path("y.img"));
      assertTrue(said.contains("(" + disk.size() + " bytes)"), said);
      assertTrue(disk.extent(0, disk.size()).length() == disk.size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Undoable", "Volatile"})
  void changesOfAnotherDiskAreDescribedOnly(String subtype) throws IOException {
    lab.write("x.img", image(disk(), 0x20000, subtype));
    assertThrows(ImageException.Unsupported.class, () -> lab.open("x.img"));
    assertTrue(Cli.succeed("info", lab.path("x.img")).contains("subtype: " + subtype));
  }

  @ParameterizedTest
  @CsvSource({
    "64, 0x30000", // version
    "68, 4", // headerSize
    "68, 0x70000000",
    "72, 0xffffffff", // catalogEntries
    "72, 0x40000000",
    "72, 3",
    "76, 0", // bitmapBytes
    "76, 0xffffffff",
    "80, 0", // extentBytes
    "80, 0x80000000",
    "80, 511",
    "88, 0xffffffff", // size
    "92, 0x80000000",
    "92, 0x7fffffff"
  })
  void hostileHeadersAreRefused(int position, String value) throws IOException {
    byte[] bytes = image(disk(), 0x20000, "Growing");
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(position, (int) (long) Long.decode(value));
    lab.write("x.img", bytes);
    assertThrows(ImageException.class, () -> lab.open("x.img"));
  }

  @Test
  void extentsOutsideTheFileAndTwiceAreFound() throws IOException {
    byte[] bytes = image(disk(), 0x20000, "Growing");
    var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(SECTOR + 4, 0x00ff_ffff);
    lab.write("x.img", bytes);
    assertThrows(ImageException.Corrupt.class, () -> lab.read("x.img"));
    assertTrue(lab.check("x.img").toString().contains("outside"), lab.check("x.img").toString());
    buffer.putInt(SECTOR + 4, buffer.getInt(SECTOR));
    lab.write("x.img", bytes);
    assertTrue(lab.check("x.img").toString().contains("overlaps"), lab.check("x.img").toString());
    lab.write("x.img", Arrays.copyOf(image(disk(), 0x20000, "Growing"), bytes.length - 8 * SECTOR));
    assertTrue(lab.check("x.img").toString().contains("behind the file's end"));
  }

  @Test
  void damageIsHarmless() throws IOException {
    var images = new Lab();
    images.add(
        Variant.of(new BochsFormat(), Map.of()),
        OpticalLab.file("x", image(disk(), 0x20000, "Growing")));
    var mutants = new Mutants(images, "x");
    assertTrue(mutants.flipBits(5000).counts().get(Mutants.Outcome.REFUSED) > 50);
    assertTrue(mutants.truncate(SECTOR).counts().get(Mutants.Outcome.REFUSED) > 5);
  }
}
