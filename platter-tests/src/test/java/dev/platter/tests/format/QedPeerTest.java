package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Finding.Severity;
import dev.platter.image.ImageException;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Repairable;
import dev.platter.io.Access;
import dev.platter.operation.Check;
import dev.platter.operation.Progress;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The same QED images in QEMU.
class QedPeerTest {
  private static final int CLUSTER = 4096;
  private static final Map<String, String> SMALL =
      Map.of("cluster_size", "4096", "table_size", "2");

  @TempDir private Path folder;
  private TwoLevelLab lab;

  @BeforeEach
  void lab() {
    lab = new TwoLevelLab(folder, "qed");
  }

  private static Map<String, String> options(String cluster, String table) {
    return Map.of("cluster_size", cluster, "table_size", table);
  }

  /// QEMU finds no damage, only room that nothing refers to any longer.
  private void leaks(Path image) throws IOException {
    var said = Peer.named("qemu-img").run("check", "-f", "qed", image);
    assertEquals(3, said.status(), said::output);
    assertFalse(said.output().contains("errors were found"), said::output);
  }

  private void sound(Path image) throws IOException {
    String said = lab.img("check", "-f", "qed", image);
    assertTrue(said.startsWith("No errors were found on the image."), said);
  }

  @ParameterizedTest
  @CsvSource({
    "512, 4096, 2",
    "1000, 4096, 16",
    "3146240, 4096, 2",
    "3146241, 8192, 2",
    "2000000, 65536, 4",
    "2000000, 4194304, 2"
  })
  void qemuReadsAndChangesWhatIsConverted(int size, String cluster, String table)
      throws IOException {
    byte[] guest = TwoLevelLab.guest(size, size);
    Path image = lab.convert("a.qed", guest, options(cluster, table), false);
    sound(image);
    lab.same(guest, image);
    lab.io(image, "write -P 7 0 512", "write -z 0 512");
    byte[] expected = Arrays.copyOf(guest, (size + 511) & -512);
    Arrays.fill(expected, 0, 512, (byte) 0);
    lab.change(image, expected, size, 200_000);
    sound(image);
    lab.same(expected, image);
  }

  @ParameterizedTest
  @CsvSource({"512, 4096, 2", "3146240, 4096, 2", "2000384, 65536, 4", "5000192, 4096, 16"})
  void whatQemuMadeIsReadAndChanged(int size, String cluster, String table) throws IOException {
    byte[] guest = TwoLevelLab.guest(size, size + 1);
    Files.write(lab.path("in.raw"), guest);
    Path image = lab.path("a.qed");
    String options = "cluster_size=" + cluster + ",table_size=" + table;
    lab.img("convert", "-f", "raw", "-O", "qed", "-o", options, lab.path("in.raw"), image);
    lab.same(guest, image);
    lab.change(image, guest, size, 100_000);
    sound(image);
    lab.same(guest, image);
  }

  @ParameterizedTest
  @CsvSource({"raw", "qed"})
  void childrenOfBoth(String parentFormat) throws IOException {
    byte[] parent = TwoLevelLab.guest(700 * 512, 3);
    if (parentFormat.equals("raw")) {
      Files.write(lab.path("parent"), parent);
    } else {
      lab.convert("parent", parent, SMALL, false);
    }
    int size = 3_000_320;
    Path ours = lab.child("ours.qed", "parent", parentFormat, size, SMALL);
    Path theirs = lab.path("theirs.qed");
    lab.img(
        "create",
        "-q",
        "-f",
        "qed",
        "-o",
        "cluster_size=4096,table_size=2",
        "-F",
        parentFormat,
        "-b",
        "parent",
        theirs,
        size);
    for (Path image : List.of(ours, theirs)) {
      byte[] expected = Arrays.copyOf(parent, size);
      lab.same(expected, image);
      lab.io(image, "write -P 9 5000 3000", "write -z 20480 8192");
      Arrays.fill(expected, 5000, 8000, (byte) 9);
      Arrays.fill(expected, 20480, 28672, (byte) 0);
      lab.change(image, expected, 77, 50_000);
      sound(image);
      lab.same(expected, image);
    }
  }

  /// The fields that both write are the same to the byte.
  @Test
  void theHeaderIsQemus() throws IOException {
    Files.write(lab.path("parent"), new byte[1 << 20]);
    Path ours = lab.child("ours.qed", "parent", "raw", 1 << 20, Map.of());
    Path theirs = lab.path("theirs.qed");
    lab.img("create", "-q", "-f", "qed", "-F", "raw", "-b", "parent", theirs);
    assertArrayEquals(Files.readAllBytes(theirs), Files.readAllBytes(ours));
  }

  /// QEMU makes images whose tables have one cluster, and does not open them: it takes a table's
  /// last cluster for one that is not behind its first.
  @Test
  void tablesOfOneCluster() throws IOException {
    Path image = lab.path("a.qed");
    var made =
        Peer.named("qemu-img")
            .run("create", "-q", "-f", "qed", "-o", "cluster_size=4096,table_size=1", image, "64M");
    assertEquals(0, made.status(), made::output);
    byte[] expected = new byte[64 << 20];
    try (Disk disk = lab.open(image, Access.WRITE)) {
      for (int at = 0; at < expected.length; at += (2 << 20) - 4096) {
        int end = Math.min(at + 6000, expected.length);
        Arrays.fill(expected, at, end, (byte) (at >> 12 | 1));
        disk.write(at, MemorySegment.ofArray(Arrays.copyOfRange(expected, at, end)));
      }
    }
    assertArrayEquals(expected, lab.read(image));
    assertTrue(lab.check(image).clean());
    var refused = Peer.named("qemu-img").run("info", "-f", "qed", image);
    assertEquals(1, refused.status(), refused::output);
    assertTrue(refused.output().contains("QED table offset is invalid"), refused::output);
  }

  /// QEMU counts how large a disk the tables can map with 64 bits, which are too few.
  @Test
  void clustersOf64MiB() throws IOException {
    byte[] guest = TwoLevelLab.guest(70_000_128, 4);
    Path image = lab.convert("a.qed", guest, options("67108864", "2"), false);
    assertArrayEquals(guest, lab.read(image));
    lab.change(image, guest, 5, 100_000);
    assertArrayEquals(guest, lab.read(image));
    assertTrue(lab.check(image).clean());
    var refused = Peer.named("qemu-img").run("info", "-f", "qed", image);
    assertTrue(refused.output().contains("QED image size is invalid"), refused::output);
  }

  /// The mark is there while tables change, and not after closing.
  @Test
  void theMarkIsTakenBack() throws IOException {
    Path image = lab.convert("a.qed", new byte[1 << 20], SMALL, false);
    try (Disk disk = lab.open(image, Access.WRITE)) {
      disk.write(0, MemorySegment.ofArray(new byte[] {1}));
      assertEquals(2, TwoLevelLab.word(image, 16).get(0));
    }
    assertEquals(0, TwoLevelLab.word(image, 16).get(0));
  }

  private Path broken() throws IOException {
    byte[] guest = new byte[8 * CLUSTER];
    for (int at = 0; at < guest.length; at++) {
      guest[at] = (byte) (at / CLUSTER + 1);
    }
    return lab.convert("a.qed", guest, SMALL, false);
  }

  /// Sets the L2 entry of a cluster of [#broken].
  private static void entry(Path image, int cluster, long value) throws IOException {
    var bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    TwoLevelLab.patch(image, 3L * CLUSTER + 8L * cluster, bytes.array());
  }

  private static void unclose(Path image) throws IOException {
    TwoLevelLab.patch(image, 16, (byte) 2);
  }

  /// What a crash of another program leaves: entries of what is not in the file.
  @Test
  void anImageThatWasNotClosedIsCheckedBeforeItIsWritten() throws IOException {
    Path image = broken();
    entry(image, 2, 1L << 40);
    entry(image, 3, 8 * CLUSTER + 512);
    unclose(image);
    byte[] expected = lab.read(image);
    assertEquals(0, expected[2 * CLUSTER]);
    assertEquals(0, expected[3 * CLUSTER]);
    try (Disk disk = lab.open(image, Access.READ, Purpose.INFO)) {
      assertTrue(disk.top().info().dirty());
    }
    assertEquals(2, TwoLevelLab.word(image, 16).get(0), "read-only");
    try (Disk disk = lab.open(image, Access.WRITE)) {
      disk.write(2 * CLUSTER, MemorySegment.ofArray(new byte[] {42}));
    }
    expected[2 * CLUSTER] = 42;
    leaks(image);
    lab.same(expected, image);
  }

  @Test
  void placesThatAreNamedTwiceAreForTheUserToDecide() throws IOException {
    Path image = broken();
    entry(image, 5, 8 * CLUSTER);
    unclose(image);
    try (Disk disk = lab.open(image, Access.WRITE)) {
      var refused =
          assertThrows(
              ImageException.Corrupt.class,
              () -> disk.write(0, MemorySegment.ofArray(new byte[1])));
      assertTrue(refused.getMessage().contains("others have"), refused.getMessage());
    }
    repair(image);
    assertEquals(0, lab.read(image)[5 * CLUSTER]);
    assertEquals(1, lab.read(image)[0]);
    leaks(image);
  }

  private void repair(Path image) throws IOException {
    try (Disk disk = lab.open(image, Access.WRITE, Purpose.CHECK)) {
      var repairable = (Repairable) disk.top();
      Check.Repaired repaired = Check.repair(repairable, Repairable.Scope.ALL, Progress.none());
      assertFalse(repaired.before().clean());
      assertEquals(0, repaired.after().corruptions(), repaired.after()::toString);
    }
  }

  @Test
  void damageIsFoundAndMended() throws IOException {
    Path image = broken();
    entry(image, 1, 1L << 40);
    entry(image, 2, CLUSTER + 8);
    entry(image, 3, 2L * CLUSTER);
    entry(image, 4, -1);
    Check.Result found = lab.check(image);
    assertTrue(
        found.findings().stream().filter(f -> f.severity() == Severity.CORRUPTION).count() >= 4,
        found::toString);
    assertThrows(ImageException.Corrupt.class, () -> lab.read(image));
    repair(image);
    leaks(image);
    byte[] mended = lab.read(image);
    for (int cluster = 0; cluster < 8; cluster++) {
      boolean lost = cluster >= 1 && cluster <= 4;
      assertEquals(lost ? 0 : cluster + 1, mended[cluster * CLUSTER], "cluster " + cluster);
    }
  }

  @Test
  void unknownFeaturesAreRefusedByNumber() throws IOException {
    Path image = broken();
    TwoLevelLab.patch(image, 16, (byte) 0x28);
    var refused = assertThrows(ImageException.Unsupported.class, () -> lab.read(image));
    assertTrue(refused.getMessage().contains("bit 3, 5"), refused.getMessage());
    try (Disk disk = lab.open(image, Access.READ, Purpose.INFO)) {
      assertEquals("bit 3, 5", disk.top().info().specific().get("unknown-features"));
    }
  }

  @Test
  void autoclearFeaturesAreClearedByTheFirstChangeOnly() throws IOException {
    Path image = broken();
    TwoLevelLab.patch(image, 32, (byte) 1);
    TwoLevelLab.patch(image, 24, (byte) 4);
    byte[] expected = lab.read(image);
    lab.open(image, Access.WRITE).close();
    assertEquals(1, TwoLevelLab.word(image, 32).get(0));
    try (Disk disk = lab.open(image, Access.WRITE)) {
      disk.write(0, MemorySegment.ofArray(new byte[] {99}));
    }
    expected[0] = 99;
    assertEquals(0, TwoLevelLab.word(image, 32).get(0));
    assertEquals(4, TwoLevelLab.word(image, 24).get(0));
    lab.same(expected, image);
  }

  /// A file that ends inside its last cluster has zeros from there on.
  @Test
  void theLastClusterOfTheFileMayBeCut() throws IOException {
    Path image = broken();
    byte[] expected = lab.read(image);
    try (var file = FileChannel.open(image, StandardOpenOption.WRITE)) {
      file.truncate(Files.size(image) - 1000);
    }
    Arrays.fill(expected, expected.length - 1000, expected.length, (byte) 0);
    assertArrayEquals(expected, lab.read(image));
    try (Disk disk = lab.open(image, Access.WRITE)) {
      disk.write(expected.length - 1, MemorySegment.ofArray(new byte[] {7}));
    }
    expected[expected.length - 1] = 7;
    sound(image);
    lab.same(expected, image);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, signature",
    "4, 3, clusterSize",
    "8, 3, tableSize",
    "12, 0, headerSize",
    "40, 1, tablePosition",
    "48, 1, size"
  })
  void headersThatBreakTheRules(long position, int value, String field) throws IOException {
    Path image = broken();
    TwoLevelLab.patch(image, position, (byte) value);
    var refused = assertThrows(ImageException.Corrupt.class, () -> lab.read(image));
    assertTrue(refused.getMessage().contains(field + " at " + position), refused.getMessage());
  }
}
