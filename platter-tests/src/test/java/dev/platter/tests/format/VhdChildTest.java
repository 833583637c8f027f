package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.random;
import static dev.platter.tests.format.VhdLab.FORMAT;
import static dev.platter.tests.format.VhdLab.blueprint;
import static dev.platter.tests.format.VhdLab.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.ImageException;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.MemoryStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Children, their parents and how these are found.
class VhdChildTest {
  private static final int SIZE = 64 << 10;
  private static final int NAMES = 1536;

  private final VhdLab lab = new VhdLab();

  private void parentAndChild(String parentName) throws IOException {
    lab.create("base.vhd", SIZE, Map.of("block_size", "4096"));
    fill("base.vhd", 0, random(SIZE, 1));
    lab.createChild("child.vhd", SIZE, parentName, "base.vhd", "8192");
  }

  private void fill(String name, long offset, byte[] bytes) throws IOException {
    try (Disk disk = lab.open(name, Access.WRITE)) {
      disk.write(offset, MemorySegment.ofArray(bytes));
    }
  }

  @Test
  void aChainOfThreeIsRead() throws IOException {
    parentAndChild("base.vhd");
    byte[] expected = random(SIZE, 1);
    byte[] second = random(1000, 2);
    fill("child.vhd", 5000, second);
    System.arraycopy(second, 0, expected, 5000, 1000);
    lab.createChild("top.vhd", SIZE, "child.vhd", "child.vhd", "2M");
    byte[] third = random(3, 3);
    fill("top.vhd", 5998, third);
    System.arraycopy(third, 0, expected, 5998, 3);
    try (Disk disk = lab.open("top.vhd", Access.WRITE)) {
      assertEquals(3, disk.layers().size());
      assertArrayEquals(expected, read(disk));
      disk.zero(512, 1024, BlockDevice.Room.RELEASE);
      Arrays.fill(expected, 512, 1536, (byte) 0);
    }
    try (Disk disk = lab.open("top.vhd", Access.READ)) {
      assertArrayEquals(expected, read(disk));
    }
  }

  @Test
  void namesAreWrittenAsWindowsWritesThem() throws IOException {
    parentAndChild("sub/base.vhd");
    MemoryStorage child = lab.file("child.vhd");
    assertEquals("W2ru", text(child, 512 + 576, 4, StandardCharsets.US_ASCII));
    assertEquals(".\\sub\\base.vhd", text(child, NAMES, 2 * 14, StandardCharsets.UTF_16LE));
    assertEquals("W2ku", text(child, 512 + 600, 4, StandardCharsets.US_ASCII));
    assertEquals("sub\\base.vhd", text(child, NAMES + 512, 2 * 12, StandardCharsets.UTF_16LE));
    assertEquals("base.vhd", text(child, 512 + 64, 16, StandardCharsets.UTF_16BE));
  }

  private static String text(Storage storage, long position, int length, Charset charset)
      throws IOException {
    return new String(LabBytes.get(storage, position, length), charset);
  }

  @Test
  void relativeNamesComeFirstThenAbsoluteOnesThenBareOnes() throws IOException {
    parentAndChild("sub/base.vhd");
    LabBytes.put(
        lab.file("child.vhd"), NAMES + 512, "C:\\a\\b.vhd".getBytes(StandardCharsets.UTF_16LE));
    VhdLab.putInt(lab.file("child.vhd"), 512 + 600 + 8, 20);
    VhdLab.sealHeader(lab.file("child.vhd"));
    try (Disk disk = lab.open("child.vhd", Access.READ)) {
      assertEquals(
          List.of("sub/base.vhd", "C:/a/b.vhd", "base.vhd", "b.vhd"),
          disk.top().parent().orElseThrow().names());
      assertEquals(2, disk.layers().size());
    }
  }

  @Test
  void aFileUrlIsAName() throws IOException {
    parentAndChild("base.vhd");
    MemoryStorage child = lab.file("child.vhd");
    byte[] url = "file://localhost/Users/x/a%20b.vhd".getBytes(StandardCharsets.UTF_8);
    LabBytes.put(child, 512 + 576, "MacX".getBytes(StandardCharsets.US_ASCII));
    LabBytes.put(child, NAMES, url);
    VhdLab.putInt(child, 512 + 576 + 8, url.length);
    VhdLab.sealHeader(child);
    try (Disk disk = lab.open("child.vhd", Access.READ)) {
      assertTrue(
          disk.top().parent().orElseThrow().names().contains("/Users/x/a b.vhd"),
          disk.top().parent().toString());
    }
  }

  @Test
  void anotherImageOfTheSameNameIsNotTheParent() throws IOException {
    parentAndChild("base.vhd");
    lab.create("other.vhd", SIZE, Map.of());
    lab.rename("other.vhd", "base.vhd");
    var refused =
        assertThrows(ImageException.WrongParent.class, () -> lab.open("child.vhd", Access.READ));
    assertTrue(refused.getMessage().contains("was made from image"), refused.getMessage());
    DiskOptions forced = DiskOptions.standard().reach(lab).acceptAnyParent();
    try (Disk disk = new Disks(VhdLab.FORMATS).open(lab.file("child.vhd"), forced)) {
      assertArrayEquals(new byte[SIZE], read(disk));
    }
  }

  @Test
  void aChildIsNotOpenedWithoutItsParent() throws IOException {
    parentAndChild("base.vhd");
    lab.rename("base.vhd", "gone.vhd");
    var missing = assertThrows(ImageException.class, () -> lab.open("child.vhd", Access.READ));
    assertTrue(missing.getMessage().contains("base.vhd"), missing.getMessage());
  }

  @Test
  void aChildThatNamesItselfIsRefused() throws IOException {
    parentAndChild("base.vhd");
    lab.rename("child.vhd", "base.vhd");
    assertThrows(ImageException.WrongParent.class, () -> lab.open("base.vhd", Access.READ));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 0x7fff_ffff, 9000})
  void badLocatorsAreOnlyNotFollowed(int length) throws IOException {
    parentAndChild("base.vhd");
    MemoryStorage child = lab.file("child.vhd");
    VhdLab.putInt(child, 512 + 576 + 8, length);
    VhdLab.putInt(child, 512 + 576 + 16, 0xffff_ffff);
    VhdLab.sealHeader(child);
    try (Disk disk = lab.open("child.vhd", Access.READ)) {
      assertArrayEquals(random(SIZE, 1), read(disk));
    }
  }

  @Test
  void sectorsAreAllocatedAlone() throws IOException {
    parentAndChild("base.vhd");
    fill("child.vhd", 512, random(512, 9));
    try (Disk disk = lab.open("child.vhd", Access.READ)) {
      assertEquals(512, disk.extent(0, SIZE).length());
      assertEquals(0, disk.extent(512, SIZE - 512).depth());
      assertEquals(512, disk.extent(512, SIZE - 512).length());
      assertEquals(1, disk.extent(1024, 512).depth());
    }
  }

  @Test
  void aParentMustBeAVhd() {
    Blueprint alone =
        blueprint(SIZE, Map.of())
            .on(new Blueprint.Backing("x.img", Optional.of("raw"), Optional.empty()));
    assertThrows(IllegalArgumentException.class, () -> FORMAT.plan(alone, Allocation.empty(SIZE)));
    Blueprint fixed =
        blueprint(SIZE, Map.of("subformat", "fixed"))
            .on(new Blueprint.Backing("x.vhd", Optional.of("vpc"), Optional.empty()));
    assertThrows(IllegalArgumentException.class, () -> FORMAT.plan(fixed, Allocation.empty(SIZE)));
  }

  @Test
  void theTimeOfTheParentsFileIsRecorded(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("base.vhd");
    Files.createFile(file);
    try (Storage base = FileStorage.open(file, Access.WRITE, Sharing.LOCKED)) {
      VhdLab.write(blueprint(SIZE, Map.of()), new byte[SIZE], base);
    }
    Files.setLastModifiedTime(file, FileTime.from(VhdLab.NOW));
    try (Disk base = VhdLab.disk(FileStorage.open(file, Access.READ, Sharing.LOCKED))) {
      Blueprint child =
          blueprint(SIZE, Map.of())
              .on(new Blueprint.Backing("base.vhd", Optional.of("vpc"), Optional.of(base.top())));
      VhdLab.write(FORMAT.plan(child, Allocation.empty(SIZE)), new byte[0], lab.file("child.vhd"));
    }
    DiskOptions alone = DiskOptions.standard().withoutParents();
    try (Disk disk = new Disks(VhdLab.FORMATS).open(lab.file("child.vhd"), alone)) {
      assertEquals(VhdLab.NOW.toString(), disk.top().info().specific().get("parent-changed"));
    }
  }

  @Test
  void libvhdiReadsTheChain(@TempDir Path folder) throws IOException {
    VhdLab.assumeInstalled("vhdimount", "-V");
    parentAndChild("base.vhd");
    // eight sectors at a time: libvhdi 20210425 takes all sectors up to the next multiple of eight
    // for sectors of the child where only the first of them are
    fill("child.vhd", 4096, random(20_480, 2));
    byte[] expected;
    try (Disk disk = lab.open("child.vhd", Access.READ)) {
      expected = read(disk);
    }
    for (String name : List.of("base.vhd", "child.vhd")) {
      Files.write(folder.resolve(name), lab.file(name).toArray());
    }
    Path mounted = Files.createDirectory(folder.resolve("mounted"));
    boolean canMount = false;
    try {
      VhdLab.run(folder, "vhdimount", "child.vhd", "mounted");
      canMount = true;
    } catch (AssertionError _) {
      // no FUSE in this machine
    }
    assumeTrue(canMount, "vhdimount cannot mount");
    try {
      byte[] found = Files.readAllBytes(mounted.resolve("vhdi2"));
      assertArrayEquals(expected, found);
    } finally {
      VhdLab.run(folder, "umount", "mounted");
    }
  }
}
