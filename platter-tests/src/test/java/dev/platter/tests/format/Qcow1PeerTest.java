package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.Formats;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.Blueprint;
import dev.platter.image.ImageException;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Options;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.operation.CreateImage;
import dev.platter.operation.Progress;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The same QCOW images of version 1 in QEMU, and what libqcow says of them.
class Qcow1PeerTest {
  @TempDir private Path folder;
  private TwoLevelLab lab;

  @BeforeEach
  void lab() {
    lab = new TwoLevelLab(folder, "qcow");
  }

  private static Map<String, String> options(String cluster, String table) {
    return Map.of("cluster_size", cluster, "table_size", table);
  }

  @ParameterizedTest
  @CsvSource({
    "512, 4096, 4096",
    "1000, 512, 512",
    "3146240, 512, 32768",
    "3146241, 4096, 4096",
    "2000000, 1024, 512",
    "2000000, 65536, 65536",
    "2000000, 65536, 512"
  })
  void qemuReadsAndChangesWhatIsConverted(int size, String cluster, String table)
      throws IOException {
    byte[] guest = TwoLevelLab.guest(size, size);
    Path image = lab.convert("a.qcow", guest, options(cluster, table), false);
    lab.same(guest, image);
    byte[] expected = Arrays.copyOf(guest, (size + 511) & -512);
    lab.io(image, "write -P 7 0 512");
    Arrays.fill(expected, 0, 512, (byte) 7);
    lab.change(image, expected, size, 100_000);
    lab.same(expected, image);
    assertTrue(lab.check(image).clean());
    if (cluster.length() <= 4) {
      // libqcow refuses clusters of 64 KiB
      String said = Peer.named("qcowinfo").succeed(image);
      assertTrue(said.contains("Format version\t\t: 1\n"), said);
      assertTrue(said.contains("(" + expected.length + " bytes)"), said);
    }
  }

  /// `qemu-img convert -c -O qcow` leaves the same kind of file and fails without a word.
  @ParameterizedTest
  @ValueSource(strings = {"512", "2K", "4K"})
  void qemuReadsWhatIsCompressed(String cluster) throws IOException {
    byte[] guest = TwoLevelLab.guest(2_000_001, 5);
    Path image = lab.convert("a.qcow", guest, Map.of("cluster_size", cluster), true);
    byte[] expected = Arrays.copyOf(guest, (guest.length + 511) & -512);
    lab.same(expected, image);
    try (Disk disk = lab.open(image, Access.READ)) {
      boolean encoded = false;
      for (long at = 0; at < disk.size(); ) {
        Mapping run = disk.top().map(at, disk.size() - at);
        encoded |= run instanceof Mapping.Encoded;
        at += run.length();
      }
      assertTrue(encoded, "compressed clusters");
    }
    lab.change(image, expected, 8, 30_000);
    lab.io(image, "write -P 3 100k 5000");
    Arrays.fill(expected, 100 << 10, (100 << 10) + 5000, (byte) 3);
    lab.same(expected, image);
  }

  /// Its exit status is 1 whatever the image is; the file is in order.
  @Test
  void whatQemuCompressedIsReadAndChanged() throws IOException {
    byte[] guest = TwoLevelLab.guest(2_000_384, 6);
    Files.write(lab.path("in.raw"), guest);
    Path image = lab.path("a.qcow");
    Peer.Outcome outcome =
        Peer.named("qemu-img")
            .run("convert", "-c", "-f", "raw", "-O", "qcow", lab.path("in.raw"), image);
    assertEquals("", outcome.output());
    lab.same(guest, image);
    lab.change(image, guest, 9, 30_000);
    lab.same(guest, image);
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 3_146_240, 5_000_192})
  void whatQemuMadeIsReadAndChanged(int size) throws IOException {
    byte[] guest = TwoLevelLab.guest(size, size + 1);
    Files.write(lab.path("in.raw"), guest);
    Path image = lab.path("a.qcow");
    lab.img("convert", "-f", "raw", "-O", "qcow", lab.path("in.raw"), image);
    lab.same(guest, image);
    lab.change(image, guest, size, 100_000);
    lab.same(guest, image);
    assertTrue(lab.check(image).clean());
  }

  @Test
  void childrenOfBoth() throws IOException {
    byte[] parent = TwoLevelLab.guest(700 * 512, 3);
    lab.convert("parent", parent, Map.of(), false);
    int size = 3_000_320;
    Path ours = lab.child("ours.qcow", "parent", "qcow", size, Map.of());
    Path theirs = lab.path("theirs.qcow");
    lab.img("create", "-q", "-f", "qcow", "-F", "qcow", "-b", "parent", theirs, size);
    assertArrayEquals(Files.readAllBytes(theirs), Files.readAllBytes(ours), "new children");
    for (Path image : List.of(ours, theirs)) {
      byte[] expected = Arrays.copyOf(parent, size);
      lab.same(expected, image);
      lab.io(image, "write -P 9 5000 3000", "write -P 0 20480 8192");
      Arrays.fill(expected, 5000, 8000, (byte) 9);
      Arrays.fill(expected, 20480, 28672, (byte) 0);
      lab.change(image, expected, 77, 50_000);
      lab.same(expected, image);
      assertTrue(lab.check(image).clean());
      String said = Peer.named("qcowinfo").succeed(image);
      assertTrue(said.contains("Backing filename\t: parent\n"), said);
    }
  }

  @Test
  void theHeaderIsQemus() throws IOException {
    for (String size : List.of("512", "10000384", "5368709120")) {
      Path theirs = lab.path("theirs.qcow");
      lab.img("create", "-q", "-f", "qcow", theirs, size);
      Path ours = lab.path("ours.qcow");
      var blueprint =
          Blueprint.of(Long.parseLong(size), Options.of(lab.format(), Map.of()), "ours.qcow");
      new CreateImage(lab.format(), blueprint, Progress.none()).toFile(ours);
      assertArrayEquals(Files.readAllBytes(theirs), Files.readAllBytes(ours), size);
    }
  }

  private static void entry(Path image, long position, long value) throws IOException {
    TwoLevelLab.patch(image, position, ByteBuffer.allocate(8).putLong(value).array());
  }

  /// QEMU writes entries before what they name: after a crash they name what is not in the file,
  /// and later what belongs to somebody else.
  @Test
  void entriesBehindTheEndAreClearedBeforeTheirPlacesAreGivenOut() throws IOException {
    byte[] guest = new byte[8 * 4096];
    Arrays.fill(guest, 0, 4 * 4096, (byte) 1);
    Path image = lab.convert("a.qcow", guest, options("4096", "512"), false);
    long end = Files.size(image);
    entry(image, 4096 + 8 * 5, end);
    entry(image, 4096 + 8 * 6, Long.MIN_VALUE | 100L << 51 | end + 4096);
    assertArrayEquals(guest, lab.read(image));
    assertEquals(2, lab.check(image).corruptions());
    byte[] bytes = new byte[4096];
    new SplittableRandom(1).nextBytes(bytes);
    try (Disk disk = lab.open(image, Access.WRITE)) {
      disk.write(7 * 4096, MemorySegment.ofArray(bytes));
    }
    System.arraycopy(bytes, 0, guest, 7 * 4096, 4096);
    lab.same(guest, image);
  }

  @Test
  void encryptedImagesAreDescribed() throws IOException {
    Path image = lab.convert("a.qcow", new byte[1 << 20], Map.of(), false);
    TwoLevelLab.patch(image, 39, (byte) 1);
    assertThrows(ImageException.Locked.class, () -> lab.read(image));
    try (Disk disk = lab.open(image, Access.READ, Purpose.INFO)) {
      assertTrue(disk.top().info().encrypted());
      assertEquals("aes", disk.top().info().specific().get("encryption"));
    }
    assertTrue(lab.check(image).clean());
  }

  @ParameterizedTest
  @CsvSource({
    "7, 2, version",
    "31, 1, size",
    "24, 127, size",
    "32, 8, clusterBits",
    "32, 17, clusterBits",
    "33, 5, tableBits",
    "33, 14, tableBits",
    "47, 1, tablePosition",
    "40, 127, tablePosition"
  })
  void headersThatBreakTheRules(long position, int value, String field) throws IOException {
    Path image = lab.convert("a.qcow", new byte[4], Map.of(), false);
    TwoLevelLab.patch(image, position, (byte) value);
    if (field.equals("size") && value == 1) {
      TwoLevelLab.patch(image, 24, ByteBuffer.allocate(8).putLong(1).array());
    }
    var refused = assertThrows(ImageException.class, () -> lab.read(image));
    assertTrue(refused.getMessage().contains(field + " at "), refused.getMessage());
  }

  @Test
  void theParentsNameIsShort() throws IOException {
    Files.write(lab.path("p"), new byte[512]);
    Path image = lab.child("a.qcow", "p", "raw", 1 << 20, Map.of());
    TwoLevelLab.patch(image, 18, (byte) 4);
    var refused =
        assertThrows(
            ImageException.Corrupt.class, () -> lab.open(image, Access.READ, Purpose.INFO).close());
    assertTrue(refused.getMessage().contains("backingLength at 16 is 1025"), refused.getMessage());
    var tooLong = "x".repeat(1024);
    assertThrows(
        IllegalArgumentException.class,
        () -> lab.child("b.qcow", tooLong, "raw", 1 << 20, Map.of()));
  }

  /// The two versions have one signature.
  @Test
  void versionsAreToldApart() throws IOException {
    var formats = new Formats(BuiltInFormats.all());
    Path one = lab.convert("a.qcow", new byte[512], Map.of(), false);
    Path two = lab.path("b.qcow");
    lab.img("create", "-q", "-f", "qcow2", two, "1M");
    try (var storage = FileStorage.open(one, Access.READ, Sharing.LOCKED)) {
      assertEquals("qcow", formats.probe(storage).name());
    }
    try (var storage = FileStorage.open(two, Access.READ, Sharing.LOCKED)) {
      assertEquals("qcow2", formats.probe(storage).name());
    }
    TwoLevelLab.patch(one, 7, (byte) 0);
    try (var storage = FileStorage.open(one, Access.READ, Sharing.LOCKED)) {
      assertInstanceOf(
          ImageException.Corrupt.class,
          assertThrows(IOException.class, () -> formats.probe(storage)));
    }
  }
}
