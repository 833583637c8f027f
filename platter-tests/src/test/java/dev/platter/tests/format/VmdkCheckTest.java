package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.Disk.Layer;
import dev.platter.image.Allocation;
import dev.platter.image.Finding;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Plan;
import dev.platter.image.Repairable;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import dev.platter.io.Storage;
import dev.platter.testkit.ClaimSweep;
import dev.platter.testkit.PlanWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tables that are damaged, and extents that only ESX writes.
class VmdkCheckTest {
  private static final int SIZE = 1 << 20;
  private static final int GRAIN = 4096;

  /// With grains of 4 KiB a MiB has one table: header, 20 sectors, directory, table, directory,
  /// table.
  private static final int SECOND_DIRECTORY = 21 * 512;

  private static final int SECOND_TABLE = 22 * 512;
  private static final int DIRECTORY = 26 * 512;
  private static final int TABLE = 27 * 512;
  private static final int DATA = 32 * 512;

  private final MemoryStorage storage = new MemoryStorage("x.vmdk");

  private static OpenContext context(Access access, Purpose purpose) {
    return new OpenContext(
        access,
        Limits.standard(),
        (location, _) -> {
          throw new IOException("no reference to " + location + " expected");
        },
        purpose);
  }

  private void create() throws IOException {
    var blueprint = VmdkImages.blueprint("x.vmdk", SIZE, Map.of("grain_size", "4K"));
    Plan plan = VmdkImages.FORMAT.plan(blueprint, Allocation.empty(SIZE));
    var nothing = new Disk(List.of(new Layer(empty(plan), "vmdk")), false);
    new PlanWriter(nothing).write(plan, _ -> storage);
  }

  private static Image empty(Plan plan) throws IOException {
    var other = new MemoryStorage("x.vmdk");
    other.resize(plan.size());
    for (Plan.Piece piece : plan.files().getFirst().pieces()) {
      if (piece instanceof Plan.Piece.Metadata metadata) {
        byte[] bytes = new byte[(int) metadata.length()];
        metadata.source().fill(0, MemorySegment.ofArray(bytes));
        other.write(metadata.position(), MemorySegment.ofArray(bytes));
      }
    }
    return VmdkImages.FORMAT.open(other, context(Access.READ, Purpose.DATA));
  }

  private Disk open(Storage file) throws IOException {
    Image image = VmdkImages.FORMAT.open(file, context(Access.WRITE, Purpose.DATA));
    return new Disk(List.of(new Layer(image, "vmdk")), true);
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private int get(long position) throws IOException {
    byte[] bytes = new byte[4];
    storage.read(position, MemorySegment.ofArray(bytes));
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private void set(long position, int value) {
    byte[] bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    storage.write(position, MemorySegment.ofArray(bytes));
  }

  /// Grains 0, 1 and 2 with their numbers.
  private void threeGrains() throws IOException {
    create();
    try (Disk disk = open(storage)) {
      for (int grain = 0; grain < 3; grain++) {
        VmdkImages.write(disk, grain * GRAIN, filled(GRAIN, grain + 1));
      }
    }
    assertEquals(DATA / 512, get(TABLE));
    assertEquals(List.of(), findings());
  }

  private List<Finding> findings() throws IOException {
    try (Image image = VmdkImages.FORMAT.open(storage, context(Access.READ, Purpose.CHECK))) {
      return ClaimSweep.check(image);
    }
  }

  private int repair() throws IOException {
    try (Image image = VmdkImages.FORMAT.open(storage, context(Access.WRITE, Purpose.CHECK))) {
      return assertInstanceOf(Repairable.class, image).repair(Scope.ALL).size();
    }
  }

  private void threeGrainsAre(int first, int second, int third) throws IOException {
    try (Disk disk = open(storage)) {
      byte[] found = VmdkImages.read(disk);
      int[] expected = {first, second, third};
      for (int grain = 0; grain < 3; grain++) {
        byte[] part = Arrays.copyOfRange(found, grain * GRAIN, (grain + 1) * GRAIN);
        assertArrayEquals(filled(GRAIN, expected[grain]), part, "grain " + grain);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // position, value, then what the first three grains are after a repair
    "13828, 2147483647, 1, 2, 3", // a grain behind the end: the redundant entry is right
    "13828, 32, 1, 2, 3", // two grains in one place
    "13828, 21, 1, 2, 3", // a grain in the metadata
    "11268, 2147483647, 1, 2, 3", // the redundant entry
    "11268, 0, 1, 2, 3",
    "13312, 2147483647, 1, 2, 3", // the directory entry
    "10752, 2147483647, 1, 2, 3" // the redundant directory entry
  })
  void damageIsFoundAndMended(int position, int value, int first, int second, int third)
      throws IOException {
    threeGrains();
    set(position, value);
    assertFalse(findings().isEmpty(), "found");
    assertTrue(repair() > 0, "mended");
    assertEquals(List.of(), findings());
    threeGrainsAre(first, second, third);
  }

  @Test
  void whatBothTablesHaveWrongIsCleared() throws IOException {
    threeGrains();
    set(TABLE + 4, 0x7fff_ffff);
    set(SECOND_TABLE + 4, 0x7fff_ffff);
    assertTrue(repair() > 0);
    assertEquals(List.of(), findings());
    threeGrainsAre(1, 0, 3);
  }

  @Test
  void anEntryBehindTheEndIsNeverGivenOutTwice() throws IOException {
    threeGrains();
    int behind = (DATA + 3 * GRAIN) / 512;
    set(TABLE + 40, behind);
    set(SECOND_TABLE + 40, behind);
    try (Disk disk = open(storage)) {
      var refusal =
          assertThrows(
              ImageException.Corrupt.class,
              () -> VmdkImages.write(disk, 5 * GRAIN, filled(GRAIN, 9)));
      assertTrue(refusal.getMessage().contains("repair it"), refusal.getMessage());
    }
    assertTrue(repair() > 0);
    try (Disk disk = open(storage)) {
      VmdkImages.write(disk, 5 * GRAIN, filled(GRAIN, 9));
    }
    assertEquals(0, get(TABLE + 40));
    assertEquals(behind, get(TABLE + 20));
  }

  @Test
  void tablesThatDifferAfterACrashAreMadeTheSame() throws IOException {
    threeGrains();
    set(SECOND_TABLE + 40, (DATA + 3 * GRAIN) / 512);
    storage.write(72, MemorySegment.ofArray(new byte[] {1}));
    try (Disk disk = open(storage)) {
      assertTrue(disk.top().info().dirty());
      VmdkImages.write(disk, 0, new byte[] {7});
    }
    assertEquals(0, get(SECOND_TABLE + 40));
    assertEquals(0, get(72) & 0xff, "closed properly");
    assertEquals(List.of(), findings());
  }

  @Test
  void grainsAreDurableBeforeTablesAndRedundantTablesFirst() throws IOException {
    create();
    var log = new FlushLog(storage);
    try (Disk disk = open(log)) {
      VmdkImages.write(disk, 0, filled(GRAIN, 1));
      log.clear();
      VmdkImages.write(disk, GRAIN, filled(GRAIN, 2));
      disk.flush();
      String order =
          "[resize 24576, write 20480+4096, flush, write 11264+8, flush, write 13824+8, flush]";
      assertEquals(order, log.toString());
    }
  }

  @Test
  void theFirstWriteMarksTheFileAndChangesTheCid() throws IOException {
    create();
    var log = new FlushLog(storage);
    try (Disk disk = open(log)) {
      assertEquals("[]", log.toString());
      VmdkImages.write(disk, 0, filled(GRAIN, 1));
      assertTrue(
          log.toString().startsWith("[flush, write 72+1, flush, write 512+512"), log::toString);
      assertEquals(1, get(72) & 0xff);
    }
    assertEquals(0, get(72) & 0xff);
  }

  @Test
  void tablesThatAreMissingAreMade() throws IOException {
    create();
    set(DIRECTORY, 0);
    set(SECOND_DIRECTORY, 0);
    try (Disk disk = open(storage)) {
      assertEquals(new Mapping.Unallocated(SIZE), disk.top().map(0, SIZE));
      VmdkImages.write(disk, GRAIN, filled(GRAIN, 2));
    }
    try (Disk disk = open(storage)) {
      assertArrayEquals(
          filled(GRAIN, 2), Arrays.copyOfRange(VmdkImages.read(disk), GRAIN, 2 * GRAIN));
    }
    assertEquals(
        List.of(), findings().stream().filter(f -> f.severity() != Finding.Severity.LEAK).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "4, 4, is a sparse extent of version 4",
    "73, 0, changed as if it were a text",
    "20, 3, grainSize",
    "20, 0, grainSize",
    "24, 1, grainSize",
    "44, 0, entriesPerTable",
    "44, 131072, entriesPerTable",
    "18, 2147483647, capacity",
    "16, 16777215, capacity",
    "14, 255, grain directory",
    "56, 2147483647, grain directory",
    "60, -1, grain directory",
    "48, 2147483647, redundant grain directory",
    "36, 2147483647, descriptor bytes",
    "36, 0, has no descriptor",
    "28, 2147483647, its descriptor of"
  })
  void headersThatMakeNoSenseAreRefused(int position, int value, String expected)
      throws IOException {
    create();
    set(position, value);
    var refusal =
        assertThrows(
            ImageException.class,
            () -> VmdkImages.FORMAT.open(storage, context(Access.READ, Purpose.DATA)));
    assertTrue(refusal.getMessage().contains(expected), refusal.getMessage());
  }

  private static Disk withExtent(String type, long sectors, Storage extent) throws IOException {
    String text =
        "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"x\"\nRW "
            + sectors
            + " "
            + type
            + " \"e.vmdk\"\n";
    var file = MemoryStorage.of("d.vmdk", text.getBytes(StandardCharsets.UTF_8));
    var context = new OpenContext(Access.WRITE, Limits.standard(), (_, _) -> extent, Purpose.DATA);
    return new Disk(List.of(new Layer(VmdkImages.FORMAT.open(file, context), "vmdk")), true);
  }

  @Test
  void extentsOfEsxAreRead() throws IOException {
    byte[] file = new byte[64 * 512];
    ByteBuffer cowd = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int[] header = {0x4457_4f43, 1, 3, 16, 1, 4, 1, 40};
    for (int i = 0; i < header.length; i++) {
      cowd.putInt(4 * i, header[i]);
    }
    cowd.putInt(4 * 512, 5);
    cowd.putInt(5 * 512 + 4 * 3, 40);
    cowd.putInt(5 * 512 + 4 * 4, 41);
    Arrays.fill(file, 40 * 512, 42 * 512, (byte) 5);
    var extent = MemoryStorage.of("e.vmdk", file);
    byte[] expected = new byte[16 * 512];
    Arrays.fill(expected, 3 * 512, 5 * 512, (byte) 5);
    try (Disk disk = withExtent("VMFSSPARSE", 16, extent)) {
      assertArrayEquals(expected, VmdkImages.read(disk));
    }
    assertThrows(ImageException.Corrupt.class, () -> withExtent("VMFSSPARSE", 17, extent));
    expected[9] = 7;
    try (Disk disk = withExtent("VMFSSPARSE", 16, extent)) {
      VmdkImages.write(disk, 9, new byte[] {7});
      assertArrayEquals(expected, VmdkImages.read(disk));
    }
    ByteBuffer written = ByteBuffer.wrap(extent.toArray()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(42, written.getInt(5 * 512), "behind what the tables name");
    assertEquals(43, written.getInt(28), "the first free sector");
    assertEquals(0, written.getInt(1648), "closed properly");
  }

  @Test
  void theFirstFreeSectorOfEsxIsToldBeforeTheTablesNameGrains() throws IOException {
    byte[] file = new byte[64 * 512];
    ByteBuffer cowd = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int[] header = {0x4457_4f43, 1, 3, 16, 1, 4, 1, 5};
    for (int i = 0; i < header.length; i++) {
      cowd.putInt(4 * i, header[i]);
    }
    var log = new FlushLog(MemoryStorage.of("e.vmdk", Arrays.copyOf(file, 5 * 512)));
    try (Disk disk = withExtent("VMFSSPARSE", 16, log)) {
      VmdkImages.write(disk, 0, filled(512, 1));
      assertTrue(log.toString().contains("write 1648+1, flush"), log::toString);
      log.clear();
      disk.flush();
      String order = "[write 28+4, flush, write 3072+16384, flush, write 2048+4, flush]";
      assertEquals(order, log.toString());
    }
  }

  private static byte[] seSparse() {
    byte[] file = new byte[512 * 400];
    ByteBuffer se = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long[] header = {
      0xcafe_babeL,
      0x2_0000_0001L,
      64,
      8,
      64,
      0,
      0,
      0,
      0,
      0,
      1,
      1,
      2,
      2,
      4,
      4,
      8,
      1,
      16,
      128,
      9,
      1,
      10,
      1,
      200,
      100
    };
    for (int i = 0; i < header.length; i++) {
      se.putLong(8 * i, header[i]);
    }
    se.putLong(512, 0xcafe_cafeL);
    se.putLong(8 * 512, 0x1000_0000_0000_0001L);
    int table = (16 + 64) * 512;
    se.putLong(table + 8, 0x3002_0000_0000_0000L);
    se.putLong(table + 16, 0x3003_0000_0000_0000L);
    se.putLong(table + 24, 0x2000_0000_0000_0000L);
    Arrays.fill(file, (200 + 16) * 512, (200 + 32) * 512, (byte) 6);
    return file;
  }

  @Test
  void spaceEfficientExtentsAreRead() throws IOException {
    byte[] expected = new byte[64 * 512];
    Arrays.fill(expected, 8 * 512, 24 * 512, (byte) 6);
    try (Disk disk = withExtent("SESPARSE", 64, MemoryStorage.of("e.vmdk", seSparse()))) {
      assertArrayEquals(expected, VmdkImages.read(disk));
      assertEquals(new Mapping.Unallocated(4096), disk.top().map(0, 40_960 - 8192));
      assertInstanceOf(Mapping.Zero.class, disk.top().map(24 * 512, 512));
      assertThrows(IOException.class, () -> VmdkImages.write(disk, 0, new byte[] {1}));
    }
  }

  @ParameterizedTest
  @CsvSource({"536, 1", "8, 3", "24, 16", "128, -1", "40960, -1", "40972, 1342177280"})
  void spaceEfficientExtentsThatMakeNoSenseAreRefused(int position, int value) {
    byte[] file = seSparse();
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(position, value);
    assertThrows(
        ImageException.class,
        () -> {
          try (Disk disk = withExtent("SESPARSE", 64, MemoryStorage.of("e.vmdk", file))) {
            VmdkImages.read(disk);
          }
        });
  }
}
