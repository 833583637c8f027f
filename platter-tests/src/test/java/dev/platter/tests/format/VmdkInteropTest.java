package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat.Probe;
import dev.platter.io.Access;
import dev.platter.io.FileStorage;
import dev.platter.io.Sharing;
import dev.platter.io.Storage;
import dev.platter.testkit.ClaimSweep;
import dev.platter.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The same content in Platter, QEMU and libvmdk.
class VmdkInteropTest {
  private final Peer qemu = Peer.named("qemu-img");
  private final Peer io = Peer.named("qemu-io");

  @TempDir private Path folder;
  private VmdkImages images;

  @BeforeEach
  void images() {
    images = new VmdkImages(folder);
  }

  private static Map<String, String> options(String subformat) {
    var options = new HashMap<>(Map.of("subformat", subformat));
    if (subformat.startsWith("two")) {
      options.put("split_size", "1M");
    }
    return options;
  }

  private void compare(byte[] content, String image) throws IOException {
    Path raw = images.file("expected.raw");
    Files.write(raw, content);
    String found = qemu.succeed("compare", "-f", "raw", "-F", "vmdk", raw, images.file(image));
    assertEquals("Images are identical.\n", found);
  }

  private void sound(String image) throws IOException {
    try (Disk disk = images.open(image)) {
      assertEquals(List.of(), ClaimSweep.check(disk.top()));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "512, monolithicSparse",
    "3146240, monolithicSparse",
    "40960512, monolithicSparse",
    "512, monolithicFlat",
    "3146240, monolithicFlat",
    "512, twoGbMaxExtentSparse",
    "3146240, twoGbMaxExtentSparse",
    "3146240, twoGbMaxExtentFlat"
  })
  void qemuReadsWhatIsPlanned(int size, String subformat) throws IOException {
    byte[] content = VmdkImages.content(size);
    images.create("x.vmdk", content, options(subformat));
    compare(content, "x.vmdk");
    if (subformat.endsWith("Sparse")) {
      assertTrue(qemu.succeed("check", images.file("x.vmdk")).startsWith("No errors"));
    }
    sound("x.vmdk");
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 65536, 3146240, 40960512})
  void qemuReadsWhatIsPacked(int size) throws IOException {
    byte[] content = VmdkImages.content(size);
    images.pack("x.vmdk", content, Map.of());
    compare(content, "x.vmdk");
    assertTrue(qemu.succeed("check", images.file("x.vmdk")).startsWith("No errors"));
    try (Disk disk = images.open("x.vmdk")) {
      assertArrayEquals(content, VmdkImages.read(disk));
    }
    sound("x.vmdk");
  }

  @ParameterizedTest
  @CsvSource({
    "512, monolithicSparse",
    "3146240, monolithicSparse",
    "40960512, monolithicSparse",
    "3146240, monolithicFlat",
    "3146240, twoGbMaxExtentSparse",
    "3146240, twoGbMaxExtentFlat",
    "512, streamOptimized",
    "3146240, streamOptimized",
    "40960512, streamOptimized"
  })
  void whatQemuWroteIsRead(int size, String subformat) throws IOException {
    byte[] content = VmdkImages.content(size);
    convert(content, subformat);
    try (Disk disk = images.open("x.vmdk")) {
      assertArrayEquals(content, VmdkImages.read(disk));
      assertFalse(disk.top().info().dirty());
    }
    sound("x.vmdk");
  }

  private void convert(byte[] content, String subformat) throws IOException {
    Path raw = images.file("in.raw");
    Files.write(raw, content);
    qemu.succeed(
        "convert",
        "-f",
        "raw",
        "-O",
        "vmdk",
        "-o",
        "subformat=" + subformat,
        raw,
        images.file("x.vmdk"));
  }

  @ParameterizedTest
  @CsvSource({
    "512, monolithicSparse",
    "3146240, monolithicSparse",
    "40960512, monolithicSparse",
    "3146240, monolithicFlat",
    "3146240, twoGbMaxExtentSparse",
    "3146240, twoGbMaxExtentFlat"
  })
  void bothChangeWhatQemuMade(int size, String subformat) throws IOException {
    byte[] content = VmdkImages.content(size);
    convert(content, subformat);
    alternate(content);
  }

  @ParameterizedTest
  @CsvSource({
    "3146240, monolithicSparse",
    "3146240, monolithicFlat",
    "3146240, twoGbMaxExtentSparse",
    "3146240, twoGbMaxExtentFlat"
  })
  void bothChangeWhatPlatterMade(int size, String subformat) throws IOException {
    byte[] content = VmdkImages.content(size);
    images.create("x.vmdk", content, options(subformat));
    alternate(content);
  }

  private void alternate(byte[] content) throws IOException {
    try (Disk disk = images.openToWrite("x.vmdk")) {
      VmdkImages.change(disk, content, 7);
      assertArrayEquals(content, VmdkImages.read(disk));
    }
    sound("x.vmdk");
    compare(content, "x.vmdk");
    int at = content.length / 2 / 512 * 512;
    io.succeed("-f", "vmdk", "-c", "write -P 0x5a " + at + " 512", images.file("x.vmdk"));
    io.succeed("-f", "vmdk", "-c", "write -P 0xa5 0 512", images.file("x.vmdk"));
    Arrays.fill(content, at, at + 512, (byte) 0x5a);
    Arrays.fill(content, 0, 512, (byte) 0xa5);
    try (Disk disk = images.openToWrite("x.vmdk")) {
      assertArrayEquals(content, VmdkImages.read(disk));
      VmdkImages.change(disk, content, 8);
    }
    compare(content, "x.vmdk");
    sound("x.vmdk");
  }

  @Test
  void zeroedGrainsAreWrittenByBoth() throws IOException {
    Path file = images.file("x.vmdk");
    qemu.succeed("create", "-q", "-f", "vmdk", "-o", "zeroed_grain=on", file, "1M");
    io.succeed("-f", "vmdk", "-c", "write -P 1 0 1M", "-c", "write -z 64k 128k", file);
    byte[] content = new byte[1 << 20];
    Arrays.fill(content, (byte) 1);
    Arrays.fill(content, 64 << 10, 192 << 10, (byte) 0);
    try (Disk disk = images.openToWrite("x.vmdk")) {
      assertArrayEquals(content, VmdkImages.read(disk));
      VmdkImages.change(disk, content, 9);
    }
    compare(content, "x.vmdk");
  }

  @Test
  void aChainIsOneForBoth() throws IOException {
    byte[] content = VmdkImages.content(3146240);
    images.create("base.vmdk", content, Map.of());
    images.createChild("middle.vmdk", "base.vmdk", Map.of());
    try (Disk disk = images.openToWrite("middle.vmdk")) {
      VmdkImages.change(disk, content, 11);
    }
    compare(content, "middle.vmdk");
    qemu.succeed(
        "create",
        "-q",
        "-f",
        "vmdk",
        "-b",
        images.file("middle.vmdk"),
        "-F",
        "vmdk",
        images.file("top.vmdk"));
    io.succeed("-f", "vmdk", "-c", "write -P 0x77 100k 3k", images.file("top.vmdk"));
    Arrays.fill(content, 100 << 10, 103 << 10, (byte) 0x77);
    try (Disk disk = images.openToWrite("top.vmdk")) {
      assertEquals(3, disk.layers().size());
      assertArrayEquals(content, VmdkImages.read(disk));
      VmdkImages.change(disk, content, 12);
    }
    compare(content, "top.vmdk");
    sound("top.vmdk");
  }

  @Test
  void aParentThatChangedIsRefused() throws IOException {
    images.create("base.vmdk", VmdkImages.content(1 << 20), Map.of());
    images.createChild("child.vmdk", "base.vmdk", Map.of());
    try (Disk disk = images.openToWrite("base.vmdk")) {
      VmdkImages.write(disk, 0, new byte[] {1});
    }
    var refusal =
        assertThrows(ImageException.WrongParent.class, () -> images.open("child.vmdk").close());
    assertTrue(refusal.getMessage().contains("has the CID"), refusal.getMessage());
    try (Disk disk = images.open("child.vmdk", VmdkImages.options().acceptAnyParent())) {
      assertEquals(2, disk.layers().size());
    }
    assertFalse(
        qemu.run("convert", "-O", "raw", images.file("child.vmdk"), images.file("o")).status()
            == 0);
  }

  @Test
  void aParentThatQemuChangedIsRefused() throws IOException {
    images.create("base.vmdk", VmdkImages.content(1 << 20), Map.of());
    images.createChild("child.vmdk", "base.vmdk", Map.of());
    io.succeed("-f", "vmdk", "-c", "write 0 512", images.file("base.vmdk"));
    assertThrows(ImageException.WrongParent.class, () -> images.open("child.vmdk").close());
  }

  @Test
  void anEightTebibyteDiskOpensAtOnce() throws IOException {
    Path file = images.file("x.vmdk");
    qemu.succeed("create", "-q", "-f", "vmdk", file, "8T");
    io.succeed("-c", "write -P 1 7T 4096", file);
    try (Disk disk = images.openToWrite("x.vmdk")) {
      int extents = 0;
      for (long at = 0; at < disk.size(); extents++) {
        at = disk.extent(at, disk.size() - at).end();
      }
      assertTrue(extents >= 3 && extents < 200, extents + " extents");
      VmdkImages.write(disk, 3L << 40, new byte[] {9});
    }
    io.succeed("-r", "-c", "read -P 9 3T 1", "-c", "read -P 1 7T 4096", file);
  }

  @Test
  void anEmptyDiskIsOne() throws IOException {
    qemu.succeed("create", "-q", "-f", "vmdk", images.file("theirs.vmdk"), "0");
    try (Disk disk = images.open("theirs.vmdk")) {
      assertEquals(0, disk.size());
    }
    images.create("ours.vmdk", new byte[0], Map.of());
    try (Disk disk = images.open("ours.vmdk")) {
      assertEquals(0, disk.size());
    }
    sound("ours.vmdk");
    // QEMU 7.2 does not open an empty disk, not even its own
    for (String name : List.of("theirs.vmdk", "ours.vmdk")) {
      String refusal = qemu.run("info", images.file(name)).output();
      assertTrue(refusal.contains("Unsupported image type 'monolithicSparse'"), refusal);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "monolithicSparse",
        "monolithicFlat",
        "twoGbMaxExtentSparse",
        "twoGbMaxExtentFlat"
      })
  void libvmdkReadsTheDescriptor(String subformat) throws IOException {
    Peer info = Peer.named("vmdkinfo");
    images.create("x.vmdk", VmdkImages.content(3146240), options(subformat));
    String text = info.succeed(images.file("x.vmdk"));
    assertTrue(text.contains("(3146240 bytes)"), text);
    assertTrue(text.contains("Content identifier"), text);
  }

  @Test
  void libvmdkReadsTheStream() throws IOException {
    Peer info = Peer.named("vmdkinfo");
    images.pack("x.vmdk", VmdkImages.content(3146240), Map.of());
    String text = info.succeed(images.file("x.vmdk"));
    assertTrue(text.contains("(3146240 bytes)") && text.contains("Stream optimized"), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "monolithicSparse",
        "monolithicFlat",
        "twoGbMaxExtentSparse",
        "twoGbMaxExtentFlat",
        "streamOptimized"
      })
  void everySubformatOfQemuIsRecognised(String subformat) throws IOException {
    convert(VmdkImages.content(1 << 20), subformat);
    try (Storage storage = FileStorage.open(images.file("x.vmdk"), Access.READ, Sharing.LOCKED)) {
      assertEquals(new Probe.Mine(), VmdkImages.FORMAT.probe(storage));
    }
  }
}
