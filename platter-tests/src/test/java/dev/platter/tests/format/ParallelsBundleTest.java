package dev.platter.tests.format;

import static dev.platter.tests.format.VdiImages.random;
import static dev.platter.tests.format.VdiImages.read;
import static dev.platter.tests.format.VdiImages.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.Formats;
import dev.platter.cli.ExitCode;
import dev.platter.format.BuiltInFormats;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext.Purpose;
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
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Folders of files as Parallels Desktop keeps them, made of images by QEMU.
class ParallelsBundleTest {
  private static final String NAME = "DiskDescriptor.xml";
  private static final String ROOT = "{11111111-1111-1111-1111-111111111111}";
  private static final String TOP = "{5fbaabe3-6958-40ff-92a7-860e329aab41}";
  private static final String NONE = "{00000000-0000-0000-0000-000000000000}";
  private static final int HALF = 2 << 20;
  private static final int SECTORS = 2 * HALF / 512;

  @TempDir private Path folder;
  private ParallelsLab lab;
  private byte[] content;

  /// A split disk with a snapshot: the first half's root is plain, the second half's an image.
  @BeforeEach
  void bundle() throws IOException {
    lab = new ParallelsLab(folder);
    Peer image = Peer.named("qemu-img");
    Peer io = Peer.named("qemu-io");
    byte[] first = random(HALF, 1);
    byte[] second = ParallelsLab.content(HALF);
    Files.write(lab.path("a.plain"), first);
    Files.write(lab.path("b.raw"), second);
    image.succeed(
        "convert",
        "-f",
        "raw",
        "-O",
        "parallels",
        "-o",
        "cluster_size=64k",
        lab.path("b.raw"),
        lab.path("b.root.hds"));
    for (String top : List.of("a.top.hds", "b.top.hds")) {
      Object[] create = {
        "create", "-q", "-f", "parallels", "-o", "cluster_size=64k", lab.path(top), HALF
      };
      image.succeed(create);
    }
    io.succeed("-f", "parallels", "-c", "write -P 9 128k 64k", lab.path("b.top.hds"));
    content = Arrays.copyOf(first, 2 * HALF);
    System.arraycopy(second, 0, content, HALF, HALF);
    Arrays.fill(content, HALF + (128 << 10), HALF + (192 << 10), (byte) 9);
    describe(descriptor());
  }

  private void describe(String text) throws IOException {
    Files.writeString(lab.path(NAME), text);
  }

  private static String image(String guid, String type, String file) {
    return "<Image><GUID>%s</GUID><Type>%s</Type><File>%s</File></Image>"
        .formatted(guid, type, file);
  }

  private static String storage(int start, int end, String... images) {
    return "<Storage><Start>%d</Start><End>%d</End><Blocksize>128</Blocksize>%s</Storage>"
        .formatted(start, end, String.join("\n", images));
  }

  private static String shot(String guid, String parent) {
    return "<Shot><GUID>%s</GUID><ParentGUID>%s</ParentGUID></Shot>".formatted(guid, parent);
  }

  private static String descriptor() {
    String first =
        storage(
            0, SECTORS / 2, image(ROOT, "Plain", "a.plain"), image(TOP, "Compressed", "a.top.hds"));
    String second =
        storage(
            SECTORS / 2,
            SECTORS,
            image(ROOT, "Compressed", "b.root.hds"),
            image(TOP, "Compressed", "b.top.hds"));
    return """
    <?xml version='1.0' encoding='UTF-8'?>
    <!-- a disk of two parts -->
    <Parallels_disk_image Version="1.0">
      <Disk_Parameters>
        <Disk_size>%d</Disk_size><Cylinders>16</Cylinders><Heads>16</Heads>
        <Sectors>32</Sectors><Padding>0</Padding><Name>a &amp; b</Name>
        <Encryption><Engine>%s</Engine><Data/></Encryption>
      </Disk_Parameters>
      <StorageData>%s</StorageData>
      <Snapshots>%s</Snapshots>
    </Parallels_disk_image>
    """
        .formatted(SECTORS, NONE, second + first, shot(ROOT, NONE) + shot(TOP, ROOT));
  }

  @Test
  void partsAndSnapshotsAreOneDisk() throws IOException {
    try (Disk disk = lab.open(NAME, Access.READ)) {
      assertArrayEquals(content, read(disk));
      var info = disk.top().info();
      assertEquals(1, info.snapshots().size());
      assertEquals(ROOT, "{" + info.snapshots().getFirst().id() + "}");
      assertEquals("bundle", info.variant().orElseThrow());
      assertEquals(5, disk.top().storages().size());
    }
  }

  @Test
  void theDescriptorIsRecognised() throws IOException {
    try (Storage storage = FileStorage.open(lab.path(NAME), Access.READ, Sharing.LOCKED)) {
      assertEquals("parallels", new Formats(BuiltInFormats.all()).probe(storage).name());
    }
    describe("<?xml version='1.0'?><Other/>");
    try (Storage storage = FileStorage.open(lab.path(NAME), Access.READ, Sharing.LOCKED)) {
      assertInstanceOf(ImageFormat.Probe.NotMine.class, ParallelsLab.FORMAT.probe(storage));
    }
  }

  @Test
  void onlyTheCurrentFilesAreWritten() throws IOException {
    byte[] plain = Files.readAllBytes(lab.path("a.plain"));
    byte[] root = Files.readAllBytes(lab.path("b.root.hds"));
    var dice = new SplittableRandom(5);
    try (Disk disk = lab.open(NAME, Access.WRITE)) {
      for (int turn = 0; turn < 60; turn++) {
        int at = dice.nextInt(content.length);
        int length = 1 + dice.nextInt(Math.min(content.length - at, 200_000));
        switch (dice.nextInt(4)) {
          case 0 -> {
            disk.zero(at, length, BlockDevice.Room.RELEASE);
            Arrays.fill(content, at, at + length, (byte) 0);
          }
          case 1 -> disk.discard(at, length);
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
    try (Disk disk = lab.open(NAME, Access.READ)) {
      assertArrayEquals(content, read(disk));
    }
    assertArrayEquals(plain, Files.readAllBytes(lab.path("a.plain")));
    assertArrayEquals(root, Files.readAllBytes(lab.path("b.root.hds")));
    for (String top : List.of("a.top.hds", "b.top.hds")) {
      String check = Peer.named("qemu-img").succeed("check", "-f", "parallels", lab.path(top));
      assertTrue(check.startsWith("No errors"), check);
    }
  }

  @Test
  void aDiskWithoutSnapshotsGivesRoomBack() throws IOException {
    String only = image(TOP, "Compressed", "b.root.hds");
    String text = descriptor();
    int from = text.indexOf("<StorageData>");
    describe(
        text.substring(0, from).replace(">" + SECTORS + "<", ">" + SECTORS / 2 + "<")
            + "<StorageData>"
            + storage(0, SECTORS / 2, only)
            + "</StorageData></Parallels_disk_image>");
    long before = Files.size(lab.path("b.root.hds"));
    try (Disk disk = lab.open(NAME, Access.WRITE)) {
      disk.discard(0, disk.size());
      assertArrayEquals(new byte[HALF], read(disk));
    }
    assertTrue(Files.size(lab.path("b.root.hds")) < before);
  }

  @Test
  void anotherCurrentStateMayBeNamed() throws IOException {
    describe(descriptor().replace("<Snapshots>", "<Snapshots><TopGUID>" + ROOT + "</TopGUID>"));
    try (Disk disk = lab.open(NAME, Access.READ)) {
      assertArrayEquals(Files.readAllBytes(lab.path("a.plain")), read(disk, 0, HALF));
      assertArrayEquals(Files.readAllBytes(lab.path("b.raw")), read(disk, HALF, HALF));
    }
  }

  private void refused(String from, String to) throws IOException {
    String text = descriptor();
    assertTrue(text.contains(from), from);
    describe(text.replace(from, to));
    String message =
        assertThrows(
                ImageException.class, () -> lab.open(NAME, Access.READ).close(), from + "→" + to)
            .getMessage();
    assertTrue(message.startsWith(lab.path(NAME).toString()), message);
    assertTrue(message.lines().count() == 1, message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../a.plain",
        "/etc/hostname",
        "sub/../../a.plain",
        "..\\a.plain",
        "http://example.org/a",
        "DiskDescriptor.xml",
        ""
      })
  void namesThatLeadElsewhereAreRefused(String name) throws IOException {
    refused("a.plain", name);
  }

  @Test
  void aFileIsNotTwoParts() throws IOException {
    refused("b.top.hds", "a.top.hds");
  }

  @Test
  void treesThatAreNoneAreRefused() throws IOException {
    refused(shot(ROOT, NONE), shot(ROOT, TOP));
    refused(shot(ROOT, NONE), shot(ROOT, ROOT));
    refused(shot(ROOT, NONE), "");
    refused(shot(ROOT, NONE), shot(ROOT, NONE) + shot(ROOT, TOP));
    refused(shot(ROOT, NONE), shot(NONE, ROOT));
    refused("<GUID>" + ROOT, "<GUID>{1-1-1-1-1}");
    refused(image(TOP, "Compressed", "a.top.hds"), "");
    refused(image(TOP, "Compressed", "a.top.hds"), image(ROOT, "Compressed", "a.top.hds"));
    refused("a.top.hds</File>", "a.top.hds</File><File>x</File>");
  }

  @Test
  void rangesThatDoNotFitAreRefused() throws IOException {
    refused("<Start>0<", "<Start>1<");
    refused("<Start>" + SECTORS / 2 + "<", "<Start>" + (SECTORS / 2 - 1) + "<");
    refused("<End>" + SECTORS + "<", "<End>" + (SECTORS + 1) + "<");
    refused("<End>" + SECTORS + "<", "<End>99999999999999999999<");
    refused("<End>" + SECTORS + "<", "<End>-5<");
    refused("<Disk_size>" + SECTORS + "<", "<Disk_size>9223372036854775807<");
    refused("<Padding>0<", "<Padding>1<");
    refused("<Engine>" + NONE, "<Engine>" + ROOT);
    refused("Plain", "Fancy");
  }

  @Test
  void hostileTextsAreRefused() throws IOException {
    refused("<Parallels_disk", "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><Parallels_disk");
    refused("a &amp; b", "&a;");
    refused("a &amp; b", "&#0;");
    refused("a &amp; b", "<![CDATA[x]]>");
    refused("a &amp; b", "<a>".repeat(100));
    refused("a &amp; b", "<a/>".repeat(70_000));
    refused("a &amp; b", "x".repeat(2 << 20));
    refused("</Name>", "</Nome>");
    refused("</Parallels_disk_image>", "");
    refused("</Parallels_disk_image>", "</Parallels_disk_image><b/>");
    refused("<Data/>", "<Data");
    refused("<!-- a disk of two parts -->", "<!-- a disk");
  }

  @Test
  void aFlippedBitIsAnotherTextOrRefused() throws IOException {
    byte[] sound = Files.readAllBytes(lab.path(NAME));
    int refused = 0;
    for (int at = 0; at < sound.length; at++) {
      byte[] damaged = sound.clone();
      damaged[at] ^= (byte) (1 << at % 8);
      Files.write(lab.path(NAME), damaged);
      try (Disk disk = lab.open(NAME, Access.READ)) {
        assertEquals(content.length, disk.size(), "byte " + at);
      } catch (IOException e) {
        assertEquals(1, e.getMessage().lines().count(), "byte " + at);
        refused++;
      }
    }
    assertTrue(refused > sound.length / 4, refused + " of " + sound.length);
  }

  @Test
  void filesThatAreTooSmallAreRefused() throws IOException {
    Files.write(lab.path("a.plain"), new byte[HALF - 512]);
    assertThrows(ImageException.Corrupt.class, () -> lab.open(NAME, Access.READ).close());
  }

  @Test
  void aDiskWithoutItsFilesIsDescribed() throws IOException {
    Files.delete(lab.path("a.plain"));
    try (Disk disk = lab.open(NAME, Access.READ, Purpose.INFO)) {
      assertEquals(2L * HALF, disk.size());
      assertEquals(2L, disk.top().info().specific().get("storages"));
      assertThrows(ImageException.Unsupported.class, () -> read(disk, 0, 512));
    }
    assertThrows(IOException.class, () -> lab.open(NAME, Access.READ).close());
  }

  /// QEMU reads the images of a new folder one by one; what it writes there shows in the disk.
  @ParameterizedTest
  @ValueSource(ints = {0, 1 << 20})
  void newFolders(int split) throws IOException {
    Path bundle = Files.createDirectory(folder.resolve("new.hdd"));
    Path raw = Files.write(folder.resolve("new.raw"), content);
    Path descriptor = bundle.resolve(NAME);
    String options = "bundle=on,cluster_size=64k,split_size=" + split;
    Cli.succeed("convert", "-f", "raw", "-O", "parallels", "-o", options, raw, descriptor);
    Cli.succeed("compare", "-F", "raw", descriptor, raw);
    int parts = split == 0 ? 1 : content.length / split;
    for (int part = 0; part < parts; part++) {
      Path image = bundle.resolve("harddisk.hdd." + part + "." + TOP + ".hds");
      int length = content.length / parts;
      Path expected =
          Files.write(
              folder.resolve("part.raw"),
              Arrays.copyOfRange(content, part * length, (part + 1) * length));
      Peer.named("qemu-img").succeed("compare", "-f", "parallels", "-F", "raw", image, expected);
      Peer.named("qemu-img").succeed("check", "-f", "parallels", image);
      Peer.named("qemu-io").succeed("-f", "parallels", "-c", "write -P 5 64k 1k", image);
      Arrays.fill(content, part * length + 65_536, part * length + 66_560, (byte) 5);
    }
    Files.write(raw, content);
    Cli.succeed("compare", "-F", "raw", bundle, raw);
    Cli.succeed("io", "-c", "write -q -P 6 1000k 200k", descriptor);
    Arrays.fill(content, 1000 << 10, 1200 << 10, (byte) 6);
    Files.write(raw, content);
    Cli.succeed("compare", "-F", "raw", descriptor, raw);
  }

  @Test
  void partsAreWholeClusters() throws IOException {
    Path descriptor = folder.resolve("odd.xml");
    for (String options : List.of("bundle=on,split_size=1000k", "split_size=1M")) {
      Cli.run("create", "-f", "parallels", "-o", options, descriptor, "4M")
          .fails(ExitCode.USAGE, "split_size");
    }
  }
}
