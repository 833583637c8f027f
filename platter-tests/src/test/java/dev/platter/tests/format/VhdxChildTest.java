package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.get;
import static dev.platter.tests.format.LabBytes.random;
import static dev.platter.tests.format.VhdxLab.BAT;
import static dev.platter.tests.format.VhdxLab.METADATA;
import static dev.platter.tests.format.VhdxLab.MIB;
import static dev.platter.tests.format.VhdxLab.buffer;
import static dev.platter.tests.format.VhdxLab.getLong;
import static dev.platter.tests.format.VhdxLab.image;
import static dev.platter.tests.format.VhdxLab.putInt;
import static dev.platter.tests.format.VhdxLab.putLong;
import static dev.platter.tests.format.VhdxLab.read;
import static dev.platter.tests.format.VhdxLab.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice.Room;
import dev.platter.Disk;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Discarding;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.ParentLink;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Differencing images.
class VhdxChildTest {
  private static final int SIZE = 4 * MIB;

  /// The bitmap's entry follows those of the blocks of a chunk of 4 GiB.
  private static final long BITMAP_ENTRY = BAT + 8 * 4096;

  private final VhdxLab lab = new VhdxLab();
  private final byte[] content = random(SIZE, 1);

  @BeforeEach
  void aChainOfTwo() throws IOException {
    lab.create("base.vhdx", SIZE);
    try (Disk disk = lab.open("base.vhdx", Access.WRITE)) {
      write(disk, 0, content);
    }
    lab.createChild("child.vhdx", SIZE, "base.vhdx");
  }

  private void assertContent(String name) throws IOException {
    try (Disk disk = lab.open(name, Access.READ)) {
      assertArrayEquals(content, read(disk, 0, SIZE));
    }
  }

  private void put(Disk disk, int offset, byte[] bytes) throws IOException {
    write(disk, offset, bytes);
    System.arraycopy(bytes, 0, content, offset, bytes.length);
  }

  private int state(String name, int block) throws IOException {
    return (int) getLong(lab.file(name), BAT + 8L * block) & 7;
  }

  @Test
  void sectorsAreWrittenAndTheRestShowsThrough() throws IOException {
    try (Disk disk = lab.open("child.vhdx", Access.WRITE)) {
      assertEquals(512, disk.top().allocationUnit());
      put(disk, 700, random(3, 2));
      put(disk, MIB + 512 * 64, random(512 * 100, 3));
      put(disk, 2 * MIB, random(MIB, 4));
    }
    assertContent("child.vhdx");
    assertEquals(7, state("child.vhdx", 0));
    assertEquals(7, state("child.vhdx", 1));
    assertEquals(6, state("child.vhdx", 2));
    assertEquals(0, state("child.vhdx", 3));
    long bitmap = getLong(lab.file("child.vhdx"), BITMAP_ENTRY);
    assertEquals(6, bitmap & 7);
    // the lowest bit of a byte is the first sector's
    assertEquals(2, get(lab.file("child.vhdx"), bitmap & -MIB, 1)[0]);
  }

  @Test
  void aBlockThatIsFilledSectorBySectorIsPresentAsAWhole() throws IOException {
    try (Disk disk = lab.open("child.vhdx", Access.WRITE)) {
      put(disk, MIB, random(MIB / 2, 5));
      disk.flush();
      assertEquals(7, state("child.vhdx", 1));
      put(disk, MIB + MIB / 2, random(MIB / 2, 6));
    }
    assertEquals(6, state("child.vhdx", 1));
    assertContent("child.vhdx");
  }

  @Test
  void zerosHideTheParentInWholeAndInPart() throws IOException {
    try (Disk disk = lab.open("child.vhdx", Access.WRITE)) {
      put(disk, 0, random(8192, 7));
      disk.zero(4096, 20_000, Room.RELEASE);
      Arrays.fill(content, 4096, 24_096, (byte) 0);
      disk.zero(MIB, 2 * MIB, Room.RELEASE);
      Arrays.fill(content, MIB, 3 * MIB, (byte) 0);
      put(disk, MIB + 10_000, random(100, 8));
      assertArrayEquals(content, read(disk, 0, SIZE));
    }
    assertEquals(7, state("child.vhdx", 0));
    assertEquals(6, state("child.vhdx", 1));
    assertEquals(2, state("child.vhdx", 2));
    assertContent("child.vhdx");
  }

  @Test
  void sectorsThatAreTakenOutShowTheParentAgain() throws IOException {
    byte[] base = content.clone();
    try (Disk disk = lab.open("child.vhdx", Access.WRITE)) {
      put(disk, 0, random(2 * MIB, 9));
      disk.zero(2 * MIB, MIB, Room.RELEASE);
      Arrays.fill(content, 2 * MIB, 3 * MIB, (byte) 0);
      disk.flush();
      var image = (Discarding) disk.top();
      for (int[] run : new int[][] {{512, 1024}, {MIB, MIB}, {2 * MIB + 512, 512}}) {
        image.discard(run[0], run[1]);
        System.arraycopy(base, run[0], content, run[0], run[1]);
      }
      assertArrayEquals(content, read(disk, 0, SIZE));
    }
    assertEquals(7, state("child.vhdx", 0));
    assertEquals(0, state("child.vhdx", 1));
    assertEquals(7, state("child.vhdx", 2));
    assertContent("child.vhdx");
  }

  @Test
  void aBlockWithoutItsBitmapIsRefused() throws IOException {
    try (Disk disk = lab.open("child.vhdx", Access.WRITE)) {
      put(disk, 512, random(512, 10));
    }
    putLong(lab.file("child.vhdx"), BITMAP_ENTRY, 0);
    try (Disk disk = lab.open("child.vhdx", Access.READ)) {
      var refusal = assertThrows(ImageException.Corrupt.class, () -> read(disk, 0, 512));
      assertTrue(refusal.getMessage().contains("sector bitmap"), refusal.getMessage());
    }
  }

  @Test
  void aParentThatWasWrittenSinceIsRefused() throws IOException {
    try (Disk disk = lab.open("base.vhdx", Access.WRITE)) {
      write(disk, 0, new byte[] {1});
    }
    var refusal =
        assertThrows(
            ImageException.WrongParent.class, () -> lab.open("child.vhdx", Access.READ).close());
    assertTrue(refusal.getMessage().contains("has changed"), refusal.getMessage());
  }

  @Test
  void aChildCanHaveAChild() throws IOException {
    try (Disk disk = lab.open("child.vhdx", Access.WRITE)) {
      put(disk, 5000, random(10_000, 11));
    }
    lab.createChild("grandchild.vhdx", SIZE, "child.vhdx");
    try (Disk disk = lab.open("grandchild.vhdx", Access.WRITE)) {
      put(disk, 9000, random(2 * MIB, 12));
    }
    assertContent("grandchild.vhdx");
  }

  @Test
  void aPlannedDeltaIsAChild() throws IOException {
    var runs =
        new Allocation.Builder()
            .data(700, 10)
            .zero(4096, MIB)
            .data(MIB + 8192, 512)
            .zero(2 * MIB - 512, MIB + 512)
            .build(SIZE);
    byte[] delta = random(SIZE, 13);
    try (Disk below = lab.open("base.vhdx", Access.READ)) {
      var backing =
          new Blueprint.Backing("base.vhdx", Optional.of("vhdx"), Optional.of(below.top()));
      Blueprint blueprint = VhdxLab.blueprint(SIZE, Map.of("block_size", "1M")).on(backing);
      VhdxLab.write(VhdxLab.FORMAT.plan(blueprint, runs), delta, lab.file("delta.vhdx"));
    }
    System.arraycopy(delta, 512, content, 512, 512);
    System.arraycopy(delta, MIB + 8192, content, MIB + 8192, 512);
    Arrays.fill(content, 4096, MIB + 4096, (byte) 0);
    Arrays.fill(content, 2 * MIB - 512, 3 * MIB, (byte) 0);
    assertContent("delta.vhdx");
    assertEquals(7, state("delta.vhdx", 0));
    assertEquals(7, state("delta.vhdx", 1));
    assertEquals(2, state("delta.vhdx", 2));
    assertEquals(0, state("delta.vhdx", 3));
  }

  /// Writes a locator as another program may.
  private void locator(String... pairs) throws IOException {
    MemoryStorage file = lab.file("child.vhdx");
    long entry = METADATA + 32 + 5 * 32;
    long item = METADATA + getLong(file, entry + 16) % (1L << 32);
    List<byte[]> texts = new ArrayList<>();
    for (String text : pairs) {
      texts.add(text.getBytes(StandardCharsets.UTF_16LE));
    }
    int end = 20 + 6 * pairs.length;
    var bytes = buffer(end + texts.stream().mapToInt(t -> t.length).sum());
    bytes.put(get(file, item, 16)).putShort((short) 0).putShort((short) (pairs.length / 2));
    for (int i = 0; i < pairs.length; i += 2) {
      bytes.putInt(end).putInt(end + texts.get(i).length);
      bytes.putShort((short) texts.get(i).length).putShort((short) texts.get(i + 1).length);
      end += texts.get(i).length + texts.get(i + 1).length;
    }
    texts.forEach(bytes::put);
    LabBytes.put(file, item, bytes.array());
    putInt(file, entry + 20, bytes.capacity());
  }

  @Test
  void pathsAreTriedInTheOrderOfTheSpecification() throws IOException {
    UUID first = UUID.randomUUID();
    UUID second = UUID.randomUUID();
    locator(
        "absolute_win32_path",
        "\\\\?\\C:\\images\\base.vhdx",
        "parent_linkage2",
        second.toString(),
        "parent_linkage",
        "{" + first.toString().toUpperCase(Locale.ROOT) + "}",
        "volume_path",
        "\\\\?\\Volume{26a21bda-a627-11d7-9931-806e6f6e6963}\\base.vhdx",
        "relative_path",
        ".\\old\\base.vhdx");
    try (Image image = image(lab.file("child.vhdx"), Access.READ, Purpose.DATA)) {
      ParentLink link = image.parent().orElseThrow();
      assertEquals(
          List.of(
              "old/base.vhdx",
              "//?/Volume{26a21bda-a627-11d7-9931-806e6f6e6963}/base.vhdx",
              "C:/images/base.vhdx",
              "base.vhdx"),
          link.names());
      assertEquals(Optional.of(first), link.modification());
      assertEquals(List.of(second), link.otherModifications());
      assertEquals(Optional.of("vhdx"), link.format());
    }
  }

  @Test
  void eitherLinkageMayFit() throws IOException {
    String state;
    try (Disk disk = lab.open("base.vhdx", Access.READ)) {
      state = disk.top().info().specific().get("data-write-guid").toString();
    }
    String other = "{" + UUID.randomUUID() + "}";
    locator("parent_linkage", other, "parent_linkage2", state, "relative_path", "base.vhdx");
    assertContent("child.vhdx");
    locator("parent_linkage", other, "parent_linkage2", other, "relative_path", "base.vhdx");
    assertThrows(
        ImageException.WrongParent.class, () -> lab.open("child.vhdx", Access.READ).close());
  }

  @Test
  void brokenLocatorsAreRefused() throws IOException {
    String guid = "{" + UUID.randomUUID() + "}";
    String[][] broken = {
      {"parent_linkage", "none", "relative_path", "base.vhdx"},
      {"parent_linkage", guid},
      {"relative_path", "base.vhdx"},
      {"parent_linkage", guid, "parent_linkage", guid, "relative_path", "x"},
      {"parent_linkage", guid, "relative_path", ""}
    };
    for (String[] pairs : broken) {
      locator(pairs);
      var refusal =
          assertThrows(
              ImageException.Corrupt.class,
              () -> image(lab.file("child.vhdx"), Access.READ, Purpose.DATA).close());
      assertTrue(refusal.getMessage().contains("parent locator"), refusal.getMessage());
    }
    locator("parent_linkage", guid, "relative_path", "/etc/passwd");
    assertThrows(
        ImageException.OutOfReach.class, () -> lab.open("child.vhdx", Access.READ).close());
  }

  @Test
  void parentsMustBeImagesOfTheFormat() {
    var backing = new Blueprint.Backing("x.qcow2", Optional.of("qcow2"), Optional.empty());
    Blueprint blueprint = VhdxLab.blueprint(SIZE, Map.of()).on(backing);
    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> VhdxLab.FORMAT.plan(blueprint, Allocation.empty(SIZE)));
    assertTrue(refusal.getMessage().contains("VHDX"), refusal.getMessage());
  }
}
