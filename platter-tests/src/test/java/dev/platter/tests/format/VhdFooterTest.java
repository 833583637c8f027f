package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.get;
import static dev.platter.tests.format.LabBytes.put;
import static dev.platter.tests.format.LabBytes.random;
import static dev.platter.tests.format.VhdLab.FORMAT;
import static dev.platter.tests.format.VhdLab.FORMATS;
import static dev.platter.tests.format.VhdLab.image;
import static dev.platter.tests.format.VhdLab.putInt;
import static dev.platter.tests.format.VhdLab.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat.Probe;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Footers: lost, damaged, recognised, and what they say of the size.
class VhdFooterTest {
  private static final int SIZE = 1 << 20;

  private final VhdLab lab = new VhdLab();
  private final MemoryStorage file = lab.file("x.vhd");

  private byte[] written(Map<String, String> options) throws IOException {
    lab.create("x.vhd", SIZE, options);
    byte[] content = random(SIZE, 5);
    try (Disk disk = VhdLab.disk(file)) {
      disk.write(0, MemorySegment.ofArray(content));
    }
    return content;
  }

  @Test
  void aCutFooterIsWrittenAgainWhenTheImageIsOpenedForWriting() throws IOException {
    byte[] content = written(Map.of("block_size", "4096"));
    byte[] whole = file.toArray();
    file.resize(whole.length - 512);
    try (Disk disk = lab.open("x.vhd", Access.READ)) {
      assertArrayEquals(content, read(disk));
      assertTrue(disk.top().info().dirty());
    }
    assertEquals(whole.length - 512, file.size(), "reading changes nothing");
    VhdLab.disk(file).close();
    assertArrayEquals(whole, file.toArray());
  }

  @Test
  void aDamagedFooterIsWrittenAgainInItsPlace() throws IOException {
    byte[] content = written(Map.of("block_size", "4096"));
    byte[] whole = file.toArray();
    put(file, whole.length - 500, (byte) 77);
    try (Disk disk = VhdLab.disk(file)) {
      assertArrayEquals(content, read(disk));
    }
    assertArrayEquals(whole, file.toArray());
  }

  @Test
  void anImageWithTwoDamagedFootersIsOnlyChecked() throws IOException {
    written(Map.of());
    put(file, 100, (byte) 77);
    put(file, file.size() - 400, (byte) 77);
    var refused =
        assertThrows(ImageException.Corrupt.class, () -> image(file, Access.READ, Purpose.DATA));
    assertTrue(refused.getMessage().contains("checksum"), refused.getMessage());
    try (Image image = image(file, Access.READ, Purpose.CHECK)) {
      assertEquals(SIZE, image.size());
    }
    assertInstanceOf(Probe.Broken.class, FORMAT.probe(file));
  }

  @Test
  void aDamagedDynamicHeaderIsRefused() throws IOException {
    written(Map.of());
    put(file, 512 + 1000, (byte) 1);
    var refused =
        assertThrows(ImageException.Corrupt.class, () -> image(file, Access.READ, Purpose.DATA));
    assertTrue(refused.getMessage().contains("dynamic header at 512"), refused.getMessage());
  }

  @Test
  void aFixedImageIsRecognisedByItsFooter() throws IOException {
    byte[] content = written(Map.of("subformat", "fixed"));
    assertEquals(SIZE + 512, file.size());
    assertEquals("vpc", FORMATS.probe(file).name());
    try (Disk disk = lab.open("x.vhd", Access.READ)) {
      assertArrayEquals(content, read(disk));
      assertEquals("fixed", disk.top().info().variant().orElseThrow());
    }
    file.resize(SIZE);
    assertEquals("raw", FORMATS.probe(file).name());
  }

  @Test
  void aFooterOf511BytesIsFound() throws IOException {
    byte[] content = written(Map.of("subformat", "fixed"));
    file.resize(SIZE + 511);
    assertEquals("vpc", FORMATS.probe(file).name());
    try (Disk disk = lab.open("x.vhd", Access.READ)) {
      assertArrayEquals(content, read(disk));
    }
  }

  @Test
  void aFixedImageThatWasCutIsBroken() throws IOException {
    written(Map.of("subformat", "fixed"));
    byte[] footer = get(file, SIZE, 512);
    file.resize(SIZE / 2);
    put(file, SIZE / 2, footer);
    assertInstanceOf(Probe.Broken.class, FORMAT.probe(file));
    assertThrows(ImageException.Corrupt.class, () -> image(file, Access.READ, Purpose.DATA));
  }

  /// As QEMU 11 settles it: geometry for Virtual PC and for QEMU without `force_size`.
  @ParameterizedTest
  @CsvSource({
    "'vpc ', 30000, 10, 17, 1, 2611200000",
    "'qemu', 300, 4, 17, 1, 10444800",
    "'qemu', 65535, 16, 255, 33554432, 33554432",
    "'qemu', 0, 0, 0, 33554432, 33554432",
    "'qem2', 300, 4, 17, 33554432, 33554432",
    "'win ', 300, 4, 17, 33554432, 33554432",
    "'vbox', 300, 4, 17, 33554432, 33554432",
    "'tap', 300, 4, 17, 33554432, 33554432",
    "'wa', 300, 4, 17, 33554432, 33554432",
    "'d2v ', 300, 4, 17, 33554432, 33554432",
    "'????', 300, 4, 17, 33554432, 33554432"
  })
  void theCreatorSettlesTheSize(
      String creator, int cylinders, int heads, int sectors, int said, long size)
      throws IOException {
    lab.create("x.vhd", 4L << 30, Map.of());
    long footer = file.size() - 512;
    put(file, footer + 28, new byte[4]);
    put(file, footer + 28, creator.getBytes(StandardCharsets.US_ASCII));
    putInt(file, footer + 48, 0);
    putInt(file, footer + 52, said);
    putInt(file, footer + 56, cylinders << 16 | heads << 8 | sectors);
    VhdLab.sealFooter(file, footer);
    try (Image image = image(file, Access.READ, Purpose.DATA)) {
      assertEquals(size, image.size());
    }
  }

  @Test
  void disksOverTheLimitAreRefused() throws IOException {
    lab.create("x.vhd", SIZE, Map.of());
    long footer = file.size() - 512;
    putInt(file, footer + 48, 0x1ff);
    VhdLab.sealFooter(file, footer);
    var refused =
        assertThrows(
            ImageException.Unsupported.class, () -> image(file, Access.READ, Purpose.DATA));
    assertTrue(refused.getMessage().contains("2040 GiB"), refused.getMessage());
  }

  /// Fields of the dynamic header with values that cannot be, the checksum right.
  @ParameterizedTest
  @CsvSource({
    "16, -1, 'tableOffset'",
    "20, 256, 'tableOffset'",
    "20, 513, 'tableOffset'",
    "20, 512, 'tableOffset'",
    "20, 2147483136, 'tableOffset'",
    "24, 0, 'version'",
    "28, 0, 'entries'",
    "28, -1, 'allocation table'",
    "32, 0, 'blockSize'",
    "32, 256, 'blockSize'",
    "32, 3000, 'blockSize'",
    "32, 512, 'entries'"
  })
  void hostileHeadersAreRefused(int field, int value, String named) throws IOException {
    written(Map.of());
    putInt(file, 512 + field, value);
    VhdLab.sealHeader(file);
    var refused = assertThrows(ImageException.class, () -> image(file, Access.READ, Purpose.DATA));
    assertTrue(refused.getMessage().contains(named), refused.getMessage());
  }

  @Test
  void entriesOutsideTheFileAreRefusedWhenTheyAreNeeded() throws IOException {
    written(Map.of("block_size", "4096"));
    putInt(file, 1536 + 4 * 3, 0x7fff_ffff);
    try (Disk disk = lab.open("x.vhd", Access.READ)) {
      disk.read(0, MemorySegment.ofArray(new byte[3 * 4096]));
      var refused = assertThrows(ImageException.Corrupt.class, () -> read(disk));
      assertTrue(refused.getMessage().contains("block 3 at 1548"), refused.getMessage());
    }
  }

  @Test
  void nothingIsWrittenIntoAnImageWithSharedBlocks() throws IOException {
    written(Map.of("block_size", "4096"));
    byte[] entry = get(file, 1536, 4);
    put(file, 1536 + 4, entry);
    byte[] before = file.toArray();
    var refused =
        assertThrows(
            ImageException.Corrupt.class,
            () -> {
              try (Disk disk = VhdLab.disk(file)) {
                disk.write(0, MemorySegment.ofArray(new byte[] {1}));
              }
            });
    assertTrue(refused.getMessage().contains("overlaps"), refused.getMessage());
    assertArrayEquals(before, file.toArray());
  }
}
