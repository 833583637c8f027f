package dev.platter.tests.format;

import static dev.platter.tests.format.VdiImages.FORMAT;
import static dev.platter.tests.format.VdiImages.SMALL;
import static dev.platter.tests.format.VdiImages.context;
import static dev.platter.tests.format.VdiImages.create;
import static dev.platter.tests.format.VdiImages.disk;
import static dev.platter.tests.format.VdiImages.filled;
import static dev.platter.tests.format.VdiImages.getInt;
import static dev.platter.tests.format.VdiImages.open;
import static dev.platter.tests.format.VdiImages.random;
import static dev.platter.tests.format.VdiImages.read;
import static dev.platter.tests.format.VdiImages.setInt;
import static dev.platter.tests.format.VdiImages.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Dumpable;
import dev.platter.image.Identified;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat.Probe;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VdiHeaderTest {
  /// Made by `qemu-img create -f vdi a.vdi 3146240` (7.2): address and bytes; zeros between.
  private static final String BY_QEMU =
      """
      000: 3c3c3c2051454d5520564d205669727475616c204469736b20496d616765203e # text
      020: 3e3e0a
      040: 7f10dabe                          # signature
      044: 01000100                          # version 1.1
      048: 80010000                          # header size 384
      04c: 01000000                          # dynamic
      154: 00020000 00040000                 # map, data
      168: 00020000                          # legacy sector size
      170: 0002300000000000                  # disk size
      178: 00001000 00000000 04000000 00000000 # block size, extra, blocks, allocated
      188: 25eafaac4c2d1e428478aaadaa28a6ad  # identity
      198: cbc5ac65bb12904ba27481a2de88e173  # modification
      200: ffffffffffffffffffffffffffffffff  # map
      3ff: 00                                # the file's end
      """;

  private final MemoryStorage storage = new MemoryStorage("x.vdi");

  private static void parse(String text, MemoryStorage target) {
    for (String line : text.lines().toList()) {
      String[] parts = line.replaceFirst("#.*", "").split(":", 2);
      byte[] bytes = HexFormat.of().parseHex(parts[1].replace(" ", ""));
      target.write(HexFormat.fromHexDigits(parts[0].strip()), MemorySegment.ofArray(bytes));
    }
  }

  @Test
  void readsWhatQemuImgMade() throws IOException {
    parse(BY_QEMU, storage);
    for (int entry = 4; entry < 128; entry++) {
      setInt(storage, 512 + 4 * entry, 0xffff_ffffL);
    }
    assertEquals(new Probe.Mine(), FORMAT.probe(storage));
    try (Disk disk = disk(storage)) {
      assertEquals(3_146_240, disk.size());
      assertEquals(OptionalLong.of(1 << 20), disk.top().info().clusterSize());
      assertEquals(
          UUID.fromString("acfaea25-2d4c-421e-8478-aaadaa28a6ad"),
          ((Identified) disk.top()).identity());
      write(disk, 3_146_239, new byte[] {1});
      disk.flush();
      assertEquals(0, getInt(storage, 512 + 12));
      assertEquals(1, getInt(storage, 388));
      assertEquals(1024 + (1 << 20), storage.size());
    }
  }

  @Test
  void writesTheHeaderThatVirtualBoxWrites() throws IOException {
    create(
        storage,
        (1 << 20) + 1,
        Map.of(
            "comment", "caf\u00e9",
            "uuid", "00112233-4455-6677-8899-aabbccddeeff",
            "physical_geometry", "2/16/63",
            "logical_geometry", "1/255/63"));
    assertEquals(2 << 20, storage.size());
    var expected = new MemoryStorage("expected");
    parse(
        """
        000: 3c3c3c20506c6174746572205669727475616c426f78204469736b20496d6167 # text
        020: 65203e3e3e0a
        040: 7f10dabe 01000100 90010000 01000000 00000000 # to flags
        054: 636166c3a9                        # comment
        154: 00001000 00002000                 # map, data
        15c: 02000000 10000000 3f000000 00020000
        170: 0002100000000000                  # disk size
        178: 00001000 00000000 02000000 00000000
        188: 33221100554477668899aabbccddeeff  # identity
        1c8: 01000000 ff000000 3f000000 00020000
        1ff: 00
        """,
        expected);
    byte[] found = java.util.Arrays.copyOf(storage.toArray(), 512);
    java.util.Arrays.fill(found, 0x198, 0x1a8, (byte) 0);
    assertArrayEquals(expected.toArray(), found);
    assertEquals(0xffff_ffffL, getInt(storage, 1 << 20));
  }

  @ParameterizedTest
  @CsvSource({
    "64, 7, signature at 64",
    "68, 0x20000, VDI version 2.0 at 68",
    "68, 3, VDI version 0.3 at 68",
    "72, 383, headerSize at 72 is 383",
    "76, 0, type at 76 is 0",
    "76, 5, type at 76 is 5",
    "76, 3, undo image",
    "76, 4, parent at 424 is 0",
    "80, 0x40000, VDI flags 0x40000 at 80",
    "340, 455, mapPosition at 340 is 455",
    "340, 0xfffffff0, blocks at 384 is 8",
    "344, 540, dataPosition at 344 is 540",
    "368, 4097, blocks at 384 is 8",
    "372, 0x80000000, size at 368 is",
    "372, 0x7fffffff, blocks at 384 is 8",
    "376, 0, blockSize at 376 is 0",
    "376, 256, blockSize at 376 is 256",
    "376, 1000, blockSize at 376 is 1000",
    "376, 0x80000000, VDI block size 2147483648",
    "380, 3, extraSize at 380 is 3",
    "380, 0x80000000, extraSize at 380 is 2147483648",
    "384, 7, blocks at 384 is 7",
    "384, 300, blocks at 384 is 300",
    "384, 0xffffffff, blocks at 384 is 4294967295",
    "384, 0x20000001, over the limit"
  })
  void aBrokenFieldIsNamed(long position, String value, String message) throws IOException {
    create(storage, 8 * 512, SMALL);
    setInt(storage, position, Long.decode(value));
    var e = assertThrows(ImageException.class, () -> open(storage).close());
    assertTrue(e.getMessage().startsWith("x.vdi: "), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"392, identity", "408, modification"})
  void aMissingIdentityIsRefusedForDataAndNotForACheck(int position, String field)
      throws IOException {
    create(storage, 8 * 512, SMALL);
    storage.write(position, MemorySegment.ofArray(new byte[16]));
    var e = assertThrows(ImageException.Corrupt.class, () -> open(storage).close());
    assertTrue(e.getMessage().contains(field + " at " + position), e.getMessage());
    FORMAT.open(storage, context(Access.READ, Purpose.CHECK)).close();
  }

  @Test
  void aHeaderThatIsCutOffIsToldAsSuch() throws IOException {
    create(storage, 1L << 20, Map.of());
    storage.resize(200);
    var e = assertThrows(ImageException.Corrupt.class, () -> open(storage).close());
    assertTrue(e.getMessage().contains("ends at 200, within the VDI header"), e.getMessage());
  }

  @Test
  void aMapOverTheLimitIsRefused() throws IOException {
    create(storage, 1L << 40, Map.of());
    var limits = new Limits(1 << 20, 1 << 20, 1, 1, 1, 1);
    OpenContext standard = context(Access.READ, Purpose.DATA);
    var context = new OpenContext(Access.READ, limits, standard.references(), Purpose.DATA);
    assertThrows(ImageException.LimitExceeded.class, () -> FORMAT.open(storage, context).close());
  }

  @Test
  void anUndoImageIsDescribed() throws IOException {
    create(storage, 8 * 512, SMALL);
    setInt(storage, 76, 3);
    try (Image image = FORMAT.open(storage, context(Access.READ, Purpose.INFO))) {
      assertEquals("undo", image.info().variant().orElseThrow());
      assertThrows(ImageException.Unsupported.class, () -> image.map(0, 1));
    }
  }

  private void createOld() throws IOException {
    setInt(storage, 64, 0xbeda107fL);
    setInt(storage, 68, 2);
    setInt(storage, 72, 1);
    storage.write(80, MemorySegment.ofArray(new byte[] {'o', 'l', 'd'}));
    setInt(storage, 336, 20);
    setInt(storage, 340, 4);
    setInt(storage, 344, 17);
    setInt(storage, 352, 1500);
    setInt(storage, 360, 512);
    setInt(storage, 364, 3);
    storage.write(372, MemorySegment.ofArray(random(32, 1)));
    storage.write(404, MemorySegment.ofArray(new byte[16]));
    storage.write(420, MemorySegment.ofArray(filled(12, 0xff)));
  }

  /// The map follows the header of 420 bytes, blocks follow the map.
  @Test
  void readsAndWritesVersion02() throws IOException {
    createOld();
    try (Disk disk = disk(storage)) {
      write(disk, 513, random(987, 2));
    }
    assertEquals(0, getInt(storage, 424));
    assertEquals(2, getInt(storage, 368));
    assertEquals(432 + 1024, storage.size());
    try (Disk disk = disk(storage)) {
      assertArrayEquals(random(987, 2), read(disk, 513, 987));
      assertEquals("0.2", disk.top().info().specific().get("version"));
      assertEquals("20/4/17", disk.top().info().specific().get("physical-geometry"));
      assertEquals("old", disk.top().info().specific().get("comment"));
    }
  }

  @ParameterizedTest
  @CsvSource({"VDI header, 27", "VDI header 0.2, 17"})
  void theDocumentShowsTheHeaderAsItIs(String header, int fields) throws IOException {
    Path home = Path.of(System.getProperty("platter.home"));
    String document =
        Files.readString(
            home.resolve("platter-formats/src/main/java/dev/platter/format/vdi/FORMAT.md"));
    if (fields == 17) {
      createOld();
    } else {
      create(storage, 8 * 512, SMALL);
    }
    List<String> rows = new ArrayList<>();
    try (Image image = FORMAT.open(storage, context(Access.READ, Purpose.INFO))) {
      ((Dumpable) image).dump(new Rows(rows));
    }
    assertEquals(header, rows.getFirst());
    assertEquals(fields, rows.size() - 1);
    rows.stream().skip(1).forEach(row -> assertTrue(document.contains(row), row));
  }

  /// The header's name and the rows of its byte table.
  private static final class Rows implements Dumpable.Dump {
    private final List<String> rows;
    private boolean header;

    private Rows(List<String> rows) {
      this.rows = rows;
    }

    @Override
    public void begin(String name, long position, long length) {
      header = position == 0;
      if (header) {
        rows.add(name);
      }
    }

    @Override
    public void field(String name, long position, int length, Object value, String note) {
      if (header) {
        rows.add("| " + position + " | " + length + " | " + name + " |");
      }
    }

    @Override
    public void end() {
      header = false;
    }
  }

  @Test
  void extraBytesStandInFrontOfEachBlock() throws IOException {
    create(storage, 4 * 512, SMALL);
    setInt(storage, 380, 64);
    try (Disk disk = disk(storage)) {
      write(disk, 0, random(4 * 512, 1));
    }
    assertEquals(1024 + 4 * 576, storage.size());
    byte[] file = storage.toArray();
    assertArrayEquals(
        java.util.Arrays.copyOfRange(random(4 * 512, 1), 512, 1024),
        java.util.Arrays.copyOfRange(file, 1024 + 576 + 64, 1024 + 2 * 576));
    try (Disk disk = disk(storage)) {
      assertArrayEquals(random(4 * 512, 1), read(disk));
    }
  }

  @Test
  void theDumpShowsEveryFieldAndTheRunsOfTheMap() throws IOException {
    create(storage, 8 * 512, SMALL);
    try (Disk disk = disk(storage)) {
      write(disk, 1024, filled(1024, 1));
    }
    var text = new StringBuilder();
    var dump =
        new Dumpable.Dump() {
          @Override
          public void begin(String name, long position, long length) {
            text.append(name).append(' ').append(position).append('+').append(length).append('\n');
          }

          @Override
          public void field(String name, long position, int length, Object value, String note) {
            text.append(position).append(' ').append(name).append('=').append(value);
            text.append(' ').append(note).append('\n');
          }

          @Override
          public void end() {
            text.append("end\n");
          }
        };
    try (Image image = open(storage)) {
      assertInstanceOf(Dumpable.class, image);
      ((Dumpable) image).dump(dump);
    }
    String shown = text.toString();
    assertTrue(shown.startsWith("VDI header 0+472\n0 text=<<< Platter"), shown);
    assertTrue(shown.contains("\n64 signature=3201962111 0xbeda107f\n"), shown);
    assertTrue(shown.contains("\n468 logicalSectorSize=512 \nend\n"), shown);
    assertTrue(
        shown.endsWith(
            """
            block map 512+32
            512 blocks 0 to 1=4294967295 not in this image
            520 blocks 2 to 3=0 at 1024
            528 blocks 4 to 7=4294967295 not in this image
            end
            """),
        shown);
  }
}
