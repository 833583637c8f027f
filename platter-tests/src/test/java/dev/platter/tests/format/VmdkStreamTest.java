package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.ReadOnlyException;
import dev.platter.testkit.ClaimSweep;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Stream-optimized images, read by somebody who never goes back and believes nothing.
class VmdkStreamTest {
  @TempDir private Path folder;
  private VmdkImages images;

  @BeforeEach
  void images() {
    images = new VmdkImages(folder);
  }

  /// A reader of the stream from its first byte to its last.
  private static final class Strict {
    private final ByteArrayInputStream in;
    private final Map<Long, Integer> places = new TreeMap<>();
    private final Map<Long, Integer> tables = new TreeMap<>();
    private final byte[] disk;
    private final ByteBuffer header;
    private long lastGrain = -1;
    private int position;
    private int directory;

    Strict(byte[] file) {
      in = new ByteArrayInputStream(file);
      header = sectors(1);
      assertEquals(0x564d444b, header.getInt(0), "magic");
      assertEquals(3, header.getInt(4), "version");
      assertEquals(0x30001, header.getInt(8), "flags");
      assertEquals(-1, header.getLong(56), "directory");
      assertEquals(1, header.getShort(77), "compression");
      disk = new byte[Math.toIntExact(header.getLong(12) * 512)];
      sectors((int) header.getLong(64) - 1);
    }

    private ByteBuffer sectors(int count) {
      byte[] bytes = new byte[512 * count];
      assertEquals(bytes.length, in.readNBytes(bytes, 0, bytes.length), "cut off");
      position += count;
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    byte[] read() throws DataFormatException {
      while (true) {
        int at = position;
        ByteBuffer marker = sectors(1);
        long value = marker.getLong(0);
        int size = marker.getInt(8);
        if (size > 0) {
          grain(at, value, size, marker);
          continue;
        }
        int kind = marker.getInt(12);
        assertTrue(Arrays.mismatch(Arrays.copyOfRange(marker.array(), 16, 512), new byte[496]) < 0);
        switch (kind) {
          case 0 -> {
            assertEquals(0, value);
            assertEquals(0, in.available(), "the stream ends with its end");
            assertTrue(directory > 0, "a footer came");
            return disk;
          }
          case 1 -> table(position, sectors((int) value));
          case 2 -> directory(position, sectors((int) value));
          case 3 -> footer(sectors((int) value));
          default -> throw new AssertionError("marker of kind " + kind);
        }
      }
    }

    private void grain(int at, long sector, int size, ByteBuffer first) throws DataFormatException {
      assertEquals(0, sector % 128);
      assertTrue(sector > lastGrain, "grains ascend");
      lastGrain = sector;
      int count = (12 + size + 511) / 512;
      byte[] stored = Arrays.copyOf(first.array(), 512 * count);
      ByteBuffer rest = sectors(count - 1);
      System.arraycopy(rest.array(), 0, stored, 512, rest.array().length);
      byte[] unit = new byte[65536];
      try (var inflater = new Inflater()) {
        inflater.setInput(stored, 12, size);
        assertEquals(unit.length, inflater.inflate(unit));
        assertEquals(0, inflater.inflate(new byte[1]));
        assertTrue(inflater.finished(), "the stream has its checksum");
        assertEquals(size, inflater.getBytesRead(), "nothing else is in the grain");
      }
      int offset = (int) sector * 512;
      System.arraycopy(unit, 0, disk, offset, Math.min(unit.length, disk.length - offset));
      for (int i = 12 + size; i < stored.length; i++) {
        assertEquals(0, stored[i], "padding");
      }
      places.put(sector / 128, at);
    }

    private void table(int at, ByteBuffer entries) {
      long first = places.keySet().iterator().next();
      long number = first / 512;
      for (int i = 0; i < 512; i++) {
        long grain = number * 512 + i;
        int expected = places.getOrDefault(grain, 0);
        assertEquals(expected, entries.getInt(4 * i), "grain " + grain);
        places.remove(grain);
      }
      assertTrue(places.isEmpty(), "a table follows its grains");
      tables.put(number, at);
    }

    private void directory(int at, ByteBuffer entries) {
      long count = (disk.length + (32 << 20) - 1L) / (32 << 20);
      for (int i = 0; i < count; i++) {
        assertEquals(tables.getOrDefault((long) i, 0), entries.getInt(4 * i), "table " + i);
      }
      directory = at;
    }

    private void footer(ByteBuffer footer) {
      assertEquals(directory, footer.getLong(56));
      footer.putLong(56, -1);
      assertArrayEquals(header.array(), footer.array(), "the footer is the header");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 65536, 3146240, 70_000_128, 34 << 20})
  void aStrictReaderIsContent(int size) throws IOException, DataFormatException {
    byte[] content = VmdkImages.content(size);
    if (size > 60_000_000) {
      Arrays.fill(content, 1 << 20, 36 << 20, (byte) 0);
    }
    images.pack("x.vmdk", content, Map.of());
    byte[] file = Files.readAllBytes(images.file("x.vmdk"));
    assertArrayEquals(content, new Strict(file).read());
    try (Disk disk = images.open("x.vmdk")) {
      assertArrayEquals(content, VmdkImages.read(disk));
      assertTrue(disk.top().info().compressed());
    }
  }

  @Test
  void anEmptyStreamIsOne() throws IOException, DataFormatException {
    images.pack("x.vmdk", new byte[1 << 20], Map.of());
    byte[] file = Files.readAllBytes(images.file("x.vmdk"));
    assertArrayEquals(new byte[1 << 20], new Strict(file).read());
    images.create("y.vmdk", new byte[1 << 20], Map.of("subformat", "streamOptimized"));
    assertEquals(file.length, Files.size(images.file("y.vmdk")));
  }

  @Test
  void whatIsBehindTheEndDoesNotMatter() throws IOException {
    byte[] content = VmdkImages.content(300_032);
    images.pack("x.vmdk", content, Map.of());
    byte[] file = Files.readAllBytes(images.file("x.vmdk"));
    Files.write(images.file("x.vmdk"), Arrays.copyOf(file, file.length + 1024));
    try (Disk disk = images.open("x.vmdk")) {
      assertArrayEquals(content, VmdkImages.read(disk));
    }
    Files.write(images.file("x.vmdk"), Arrays.copyOf(file, file.length - 512));
    try (Disk disk = images.open("x.vmdk")) {
      assertArrayEquals(content, VmdkImages.read(disk), "without the end of the stream");
    }
  }

  private ImageInfo infoOfCut(byte[] file, int length, byte[] expected) throws IOException {
    Files.write(images.file("x.vmdk"), Arrays.copyOf(file, length));
    try (Disk disk = images.open("x.vmdk")) {
      assertArrayEquals(expected, VmdkImages.read(disk), "cut at " + length);
      return disk.top().info();
    }
  }

  /// The file ends with tables, the directory and its marker, the footer and its marker, the end.
  @Test
  void withoutItsEndAStreamIsReadByItsMarkers() throws IOException {
    byte[] content = VmdkImages.content(70_000_128);
    Arrays.fill(content, 20 << 20, 36 << 20, (byte) 0);
    images.pack("x.vmdk", content, Map.of());
    byte[] file = Files.readAllBytes(images.file("x.vmdk"));
    for (int sectors : new int[] {2, 3, 4, 5}) {
      ImageInfo info = infoOfCut(file, file.length - 512 * sectors, content);
      assertTrue(info.specific().toString().contains("tables-lost=true"), info.toString());
      assertFalse(info.specific().toString().contains("lost-from"), info.toString());
      assertTrue(info.compressed());
    }
  }

  @Test
  void aFooterWhoseDirectoryIsElsewhereDoesNotHinder() throws IOException {
    byte[] content = VmdkImages.content(3 << 20);
    images.pack("x.vmdk", content, Map.of());
    byte[] file = Files.readAllBytes(images.file("x.vmdk"));
    ByteBuffer header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(56, file.length / 512 + 7); // the place of what was never sent
    infoOfCut(file, file.length - 2048, content);
  }

  @Test
  void whatIsLostIsNotTakenForZeros() throws IOException {
    byte[] content = VmdkImages.content(3 << 20);
    images.pack("x.vmdk", content, Map.of());
    byte[] file = Files.readAllBytes(images.file("x.vmdk"));
    Files.write(images.file("x.vmdk"), Arrays.copyOf(file, file.length / 2));
    try (Disk disk = images.open("x.vmdk")) {
      Object extents = disk.top().info().specific().get("extents");
      Map<?, ?> extent = (Map<?, ?>) ((List<?>) extents).getFirst();
      int known = Math.toIntExact((Long) extent.get("lost-from"));
      assertTrue(known > 1 << 20 && known < 2 << 20, "known up to " + known);
      byte[] found = new byte[known];
      disk.read(0, MemorySegment.ofArray(found));
      assertArrayEquals(Arrays.copyOf(content, known), found);
      var refusal = assertThrows(ImageException.Corrupt.class, () -> VmdkImages.read(disk));
      assertTrue(refusal.getMessage().contains("cut off"), refusal.getMessage());
      assertEquals(
          List.of(Finding.Severity.CORRUPTION),
          ClaimSweep.check(disk.top()).stream().map(Finding::severity).toList());
    }
  }

  @Test
  void markersThatMakeNoSenseEndTheStream() throws IOException {
    byte[] content = VmdkImages.content(300_032);
    images.pack("x.vmdk", content, Map.of());
    byte[] file = Arrays.copyOf(Files.readAllBytes(images.file("x.vmdk")), 400_000);
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int first = 128 * 512;
    int second = first + (12 + bytes.getInt(first + 8) + 511) / 512 * 512;
    long[] strange = {-1, Long.MIN_VALUE, 1, 127, 1L << 60, 128};
    for (long sector : strange) {
      byte[] damaged = file.clone();
      ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN).putLong(second, sector);
      Files.write(images.file("x.vmdk"), Arrays.copyOf(damaged, second + 70_000));
      assertThrows(
          ImageException.Corrupt.class,
          () -> {
            try (Disk disk = images.open("x.vmdk")) {
              VmdkImages.read(disk);
            }
          },
          "sector " + sector);
    }
  }

  @Test
  void aStreamIsNeverWrittenInPlace() throws IOException {
    images.pack("x.vmdk", VmdkImages.content(300_032), Map.of());
    byte[] before = Files.readAllBytes(images.file("x.vmdk"));
    try (Disk disk = images.openToWrite("x.vmdk")) {
      assertThrows(ReadOnlyException.class, () -> VmdkImages.write(disk, 0, new byte[] {1}));
    }
    assertArrayEquals(before, Files.readAllBytes(images.file("x.vmdk")));
  }

  @Test
  void damagedGrainsAreNoticed() throws IOException {
    byte[] content = VmdkImages.content(300_032);
    images.pack("x.vmdk", content, Map.of());
    byte[] file = Files.readAllBytes(images.file("x.vmdk"));
    int grain = 128 * 512;
    for (int at : new int[] {grain, grain + 11, grain + 12, grain + 4000}) {
      byte[] damaged = file.clone();
      damaged[at] ^= 0x40;
      Files.write(images.file("x.vmdk"), damaged);
      try (Disk disk = images.open("x.vmdk")) {
        var refusal =
            assertThrows(ImageException.Corrupt.class, () -> VmdkImages.read(disk), "at " + at);
        assertTrue(refusal.getMessage().contains("compressed grain"), refusal.getMessage());
      }
    }
  }

  @Test
  void otherSubformatsAreNotPacked() {
    var options = Map.of("subformat", "monolithicSparse");
    var blueprint = VmdkImages.blueprint("x.vmdk", 1 << 20, options);
    assertThrows(IllegalArgumentException.class, () -> VmdkImages.FORMAT.pack(blueprint));
  }

  @Test
  void aStreamIsNotPlannedUncompressed() {
    var options = Map.of("subformat", "streamOptimized");
    byte[] content = VmdkImages.content(1 << 20);
    assertThrows(IllegalArgumentException.class, () -> images.create("x.vmdk", content, options));
  }
}
