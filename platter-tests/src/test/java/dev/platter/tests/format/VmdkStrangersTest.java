package dev.platter.tests.format;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.testkit.ClaimSweep;
import dev.platter.testkit.Peer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Kinds of images that only some strangers know: extents of ESX and of devices with QEMU, streams
/// with 7-Zip and with VMDKstream, which writes the whole stream as VMware describes it.
class VmdkStrangersTest {
  private static final Path VMDK_STREAM = Path.of("/usr/lib/python3/dist-packages/VMDKstream.py");

  @TempDir private Path folder;
  private VmdkImages images;

  @BeforeEach
  void images() {
    images = new VmdkImages(folder);
  }

  private void qemuReads(byte[] content, String image) throws IOException {
    Path raw = images.file("expected.raw");
    Files.write(raw, content);
    Peer qemu = Peer.named("qemu-img");
    String found = qemu.succeed("compare", "-f", "raw", "-F", "vmdk", raw, images.file(image));
    assertEquals("Images are identical.\n", found);
  }

  /// QEMU refuses the word `fullDevice` and reads all that it describes.
  private void qemuReadsDevice(byte[] content, String createType) throws IOException {
    Path image = images.file("x.vmdk");
    String text = Files.readString(image);
    String refusal = Peer.named("qemu-img").run("info", image).output();
    assertTrue(refusal.contains("Unsupported image type '" + createType + "'"), refusal);
    String other = text.replace("\"" + createType + "\"", "\"monolithicFlat\"");
    Files.writeString(images.file("flat.vmdk"), other);
    qemuReads(content, "flat.vmdk");
  }

  private void sound(String image) throws IOException {
    try (Disk disk = images.open(image)) {
      assertEquals(List.of(), ClaimSweep.check(disk.top()));
    }
  }

  @ParameterizedTest
  @CsvSource({"512, 512", "3146240, 512", "40960512, 512", "3146240, 65536"})
  void qemuReadsExtentsOfEsx(int size, String grain) throws IOException {
    byte[] content = VmdkImages.content(size);
    images.create("x.vmdk", content, Map.of("subformat", "vmfsSparse", "grain_size", grain));
    qemuReads(content, "x.vmdk");
    try (Disk disk = images.openToWrite("x.vmdk")) {
      assertArrayEquals(content, VmdkImages.read(disk));
      if (size > 1 << 20) {
        VmdkImages.change(disk, content, 5);
      }
    }
    qemuReads(content, "x.vmdk");
    sound("x.vmdk");
  }

  /// A child as ESX makes one: a delta of sectors above a flat file.
  @Test
  void qemuReadsAChainOfEsx() throws IOException {
    byte[] content = VmdkImages.content(3 << 20);
    images.create("base.vmdk", content, Map.of("subformat", "vmfs"));
    images.createChild("child.vmdk", "base.vmdk", Map.of("subformat", "vmfsSparse"));
    assertTrue(Files.exists(images.file("child-delta.vmdk")));
    try (Disk disk = images.openToWrite("child.vmdk")) {
      VmdkImages.change(disk, content, 13);
      assertArrayEquals(content, VmdkImages.read(disk));
    }
    qemuReads(content, "child.vmdk");
    sound("child.vmdk");
    String text = Files.readString(images.file("child.vmdk"));
    assertTrue(text.contains("RW 6144 VMFSSPARSE \"child-delta.vmdk\""), text);
  }

  /// QEMU writes extents of ESX where there are tables already.
  @Test
  void qemuAndPlatterChangeTheSameExtentOfEsx() throws IOException {
    byte[] content = VmdkImages.content(1 << 20);
    images.create("x.vmdk", content, Map.of("subformat", "vmfsSparse"));
    Peer io = Peer.named("qemu-io");
    io.succeed("-f", "vmdk", "-c", "write -P 0x5a 3072 1024", images.file("x.vmdk"));
    Arrays.fill(content, 3072, 4096, (byte) 0x5a);
    try (Disk disk = images.openToWrite("x.vmdk")) {
      assertArrayEquals(content, VmdkImages.read(disk));
      VmdkImages.change(disk, content, 21);
    }
    qemuReads(content, "x.vmdk");
  }

  @Test
  void thinIsSaidAsEsxSaysIt() throws IOException {
    byte[] content = VmdkImages.content(1 << 20);
    images.create("x.vmdk", content, Map.of("subformat", "vmfsThin"));
    qemuReads(content, "x.vmdk");
    String text = Files.readString(images.file("x.vmdk"));
    assertTrue(text.contains("createType=\"vmfs\"\n"), text);
    assertTrue(text.contains("ddb.thinProvisioned = \"1\"\n"), text);
    assertTrue(text.contains("RW 2048 VMFS \"x-flat.vmdk\"\n"), text);
  }

  @Test
  void aDiskThatIsThereAlreadyIsDescribed() throws IOException {
    byte[] content = VmdkImages.content(1 << 20);
    Files.write(images.file("disk.raw"), content);
    Map<String, String> options = Map.of("subformat", "fullDevice", "extent", "disk.raw");
    images.create("x.vmdk", new byte[content.length], options);
    qemuReadsDevice(content, "fullDevice");
    try (Disk disk = images.openToWrite("x.vmdk")) {
      VmdkImages.change(disk, content, 3);
    }
    assertArrayEquals(content, Files.readAllBytes(images.file("disk.raw")));
    qemuReadsDevice(content, "fullDevice");
  }

  /// A partition table of its own, a partition that is a file, and no room in between.
  @Test
  void partitionsAreReadAsVirtualBoxDescribesThem() throws IOException {
    byte[] table = new byte[63 * 512];
    Arrays.fill(table, (byte) 1);
    byte[] partition = new byte[100 * 512];
    Arrays.fill(partition, (byte) 2);
    Files.write(images.file("x-pt.vmdk"), table);
    Files.write(images.file("sda1"), partition);
    String text =
        """
        # Disk DescriptorFile
        version=1
        CID=4a3b2c1d
        parentCID=ffffffff
        createType="partitionedDevice"

        # Extent description
        RW 63 FLAT "x-pt.vmdk" 0
        RW 100 FLAT "sda1" 0
        RW 37 ZERO\s

        # The disk Data Base\s
        #DDB

        ddb.virtualHWVersion = "4"
        ddb.uuid.image="7d5b1e32-1111-4222-8333-944455566677"
        """;
    Files.writeString(images.file("x.vmdk"), text);
    byte[] expected = new byte[200 * 512];
    System.arraycopy(table, 0, expected, 0, table.length);
    System.arraycopy(partition, 0, expected, table.length, partition.length);
    try (Disk disk = images.openToWrite("x.vmdk")) {
      assertArrayEquals(expected, VmdkImages.read(disk));
      VmdkImages.write(disk, 63 * 512 - 1, new byte[] {7, 8});
      expected[63 * 512 - 1] = 7;
      expected[63 * 512] = 8;
    }
    assertEquals(7, Files.readAllBytes(images.file("x-pt.vmdk"))[63 * 512 - 1]);
    assertEquals(8, Files.readAllBytes(images.file("sda1"))[0]);
    // QEMU 7.2 leaves extents of zeros out, and the disk becomes shorter
    qemuReadsDevice(Arrays.copyOf(expected, 163 * 512), "partitionedDevice");
  }

  /// Compressed grains are found by tables in a file that is no stream, with their sector and
  /// length in front or without.
  @ParameterizedTest
  @ValueSource(ints = {0x10000, 0x30000})
  void compressedGrainsNeedNoStream(int flags) throws IOException {
    byte[] content = new byte[1 << 20];
    Arrays.fill(content, 3 * 65536, 4 * 65536, (byte) 9);
    images.create("x.vmdk", new byte[1 << 20], Map.of());
    byte[] file = Files.readAllBytes(images.file("x.vmdk"));
    ByteBuffer bytes = ByteBuffer.wrap(Arrays.copyOf(file, 130 * 512)).order(LITTLE_ENDIAN);
    bytes.putInt(8, bytes.getInt(8) | flags).putShort(77, (short) 1);
    for (long directory : new long[] {bytes.getLong(48), bytes.getLong(56)}) {
      int table = bytes.getInt((int) directory * 512) * 512;
      bytes.putInt(table + 4 * 3, 128);
    }
    var deflated = new ByteArrayOutputStream();
    try (var zlib = new DeflaterOutputStream(deflated)) {
      zlib.write(content, 3 * 65536, 65536);
    }
    int at = 128 * 512;
    if (flags == 0x30000) {
      bytes.putLong(at, 3 * 128).putInt(at + 8, deflated.size());
      at += 12;
    }
    bytes.put(at, deflated.toByteArray());
    Files.write(images.file("x.vmdk"), bytes.array());
    try (Disk disk = images.open("x.vmdk")) {
      assertArrayEquals(content, VmdkImages.read(disk));
    }
    qemuReads(content, "x.vmdk");
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 3146240, 70_000_128})
  void sevenZipReadsStreams(int size) throws IOException {
    Peer zip = Peer.named("7z");
    byte[] content = VmdkImages.content(size);
    images.pack("x.vmdk", content, Map.of());
    zip.succeed("x", "-tVMDK", "-o" + folder.resolve("out"), images.file("x.vmdk"));
    assertArrayEquals(content, Files.readAllBytes(folder.resolve("out/x.img")));
  }

  @ParameterizedTest
  @ValueSource(ints = {65536, 3146240, 70_000_128})
  void whatVmdkStreamWroteIsRead(int size) throws IOException {
    Peer python = Peer.named("python3");
    Assumptions.assumeTrue(
        Files.exists(VMDK_STREAM) || "required".equals(System.getenv("PLATTER_PEERS")),
        "peer VMDKstream is not installed");
    byte[] content = VmdkImages.content(size);
    Files.write(images.file("in.raw"), content);
    python.succeed(VMDK_STREAM, images.file("in.raw"), images.file("x.vmdk"));
    sound("x.vmdk");
    byte[] file = Files.readAllBytes(images.file("x.vmdk"));
    for (int missing : new int[] {0, 512, 1024, 1536}) {
      Files.write(images.file("x.vmdk"), Arrays.copyOf(file, file.length - missing));
      try (Disk disk = images.open("x.vmdk")) {
        assertArrayEquals(content, VmdkImages.read(disk), missing + " bytes are missing");
        boolean lost = disk.top().info().specific().toString().contains("tables-lost");
        assertEquals(missing > 512, lost);
        assertFalse(disk.top().info().dirty());
      }
    }
  }
}
