package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.random;
import static dev.platter.tests.format.VhdxLab.FORMAT;
import static dev.platter.tests.format.VhdxLab.MIB;
import static dev.platter.tests.format.VhdxLab.blueprint;
import static dev.platter.tests.format.VhdxLab.disk;
import static dev.platter.tests.format.VhdxLab.getLong;
import static dev.platter.tests.format.VhdxLab.image;
import static dev.platter.tests.format.VhdxLab.read;
import static dev.platter.tests.format.VhdxLab.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Allocation;
import dev.platter.image.Image;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Plan.Piece;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import dev.platter.testkit.CountingStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// New images.
class VhdxPlanTest {
  private static ImageInfo info(long size, Map<String, String> options) throws IOException {
    var file = new MemoryStorage("x.vhdx");
    write(FORMAT.plan(blueprint(size, options), Allocation.empty(size)), new byte[0], file);
    try (Image image = image(file, Access.READ, Purpose.INFO)) {
      return image.info();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1048576, 8388608",
    "1073741824, 8388608",
    "1073741825, 16777216",
    "107374182401, 33554432",
    "35184372088833, 67108864"
  })
  void blocksAreAsLargeAsQemuMakesThem(long size, long blockSize) throws IOException {
    assertEquals(blockSize, info(size, Map.of()).clusterSize().orElseThrow());
  }

  @Test
  void optionsAreKept() throws IOException {
    Map<String, String> options =
        Map.of(
            "block_size",
            "256M",
            "log_size",
            "3M",
            "logical_sector_size",
            "4096",
            "physical_sector_size",
            "512",
            "subformat",
            "dynamic");
    ImageInfo info = info(1L << 40, options);
    assertEquals(256L * MIB, info.specific().get("block-size"));
    assertEquals(3L * MIB, info.specific().get("log-size"));
    assertEquals(4096L, info.specific().get("logical-sector-size"));
    assertEquals(512L, info.specific().get("physical-sector-size"));
    assertEquals("Platter", info.specific().get("creator"));
  }

  @ParameterizedTest
  @CsvSource({
    "block_size, 512k",
    "block_size, 3M",
    "block_size, 512M",
    "log_size, 0",
    "log_size, 1000000",
    "log_size, 2G",
    "logical_sector_size, 1024",
    "physical_sector_size, 0"
  })
  void otherValuesAreRefused(String name, String value) {
    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> FORMAT.plan(blueprint(MIB, Map.of(name, value)), Allocation.empty(MIB)));
    assertTrue(refusal.getMessage().contains(name), refusal.getMessage());
  }

  @Test
  void sixtyFourTebibytesAreTheLimit() throws IOException {
    long most = 64L << 40;
    Map<String, String> options = Map.of("block_size", "1M");
    var plan = FORMAT.plan(blueprint(most, options), Allocation.empty(most));
    // (2^26 + 2^14 - 1) entries of eight bytes
    assertEquals(3L * MIB + (512L << 20) + MIB, plan.size());
    var file = new MemoryStorage("x.vhdx");
    Map<String, String> large = Map.of("block_size", "256M");
    write(FORMAT.plan(blueprint(most, large), Allocation.empty(most)), new byte[0], file);
    try (Disk disk = disk(file)) {
      write(disk, most - 512, random(512, 1));
      assertArrayEquals(random(512, 1), read(disk, most - 512, 512));
      assertArrayEquals(new byte[512], read(disk, most - 1024, 512));
    }
    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> FORMAT.plan(blueprint(most + 1, options), Allocation.empty(most + 1)));
    assertTrue(refusal.getMessage().contains("64 TiB"), refusal.getMessage());
  }

  @Test
  void blocksThatAreNotStoredAreSaidToBeZerosOrNot() throws IOException {
    for (var state : Map.of("on", 2L, "off", 0L).entrySet()) {
      var file = new MemoryStorage("x.vhdx");
      Map<String, String> options = Map.of("block_size", "1M", "block_state_zero", state.getKey());
      byte[] content = random(3 * MIB, 1);
      var runs = new Allocation.Builder().data(MIB + 5, 7).build(content.length);
      write(FORMAT.plan(blueprint(content.length, options), runs), content, file);
      assertEquals(state.getValue(), getLong(file, VhdxLab.BAT));
      assertEquals(4L * MIB | 6, getLong(file, VhdxLab.BAT + 8));
      assertEquals(5L * MIB, file.size());
    }
  }

  @Test
  void theSizeIsRoundedUpToSectors() throws IOException {
    var file = new MemoryStorage("x.vhdx");
    Map<String, String> options = Map.of("logical_sector_size", "4096");
    write(FORMAT.plan(blueprint(5000, options), Allocation.empty(5000)), new byte[0], file);
    try (Image image = image(file, Access.READ, Purpose.DATA)) {
      assertEquals(8192, image.size());
    }
  }

  /// The largest disk with the smallest blocks has a table of half a gigabyte: opening reads none
  /// of it, a first read one page, and a first write the table once, whatever it says.
  @Test
  void opensWithoutItsTable() throws IOException {
    long size = 64L << 40;
    Map<String, String> options = Map.of("block_size", "1M", "block_state_zero", "off");
    var file = new MemoryStorage("x.vhdx");
    var plan = FORMAT.plan(blueprint(size, options), Allocation.empty(size));
    file.resize(plan.size());
    for (Piece piece : plan.files().getFirst().pieces()) {
      if (piece.length() < 2 * MIB) {
        byte[] bytes = new byte[(int) piece.length()];
        ((Piece.Metadata) piece).source().fill(0, MemorySegment.ofArray(bytes));
        file.write(piece.position(), MemorySegment.ofArray(bytes));
      }
    }
    var counting = new CountingStorage(file);
    try (Image image = image(counting, Access.WRITE, Purpose.DATA)) {
      image.info();
      assertTrue(counting.bytesRead() < MIB, counting.bytesRead() + " bytes to open");
      assertEquals(new Mapping.Unallocated(512), image.map(size - 512, 512));
      assertTrue(counting.bytesRead() < MIB, counting.bytesRead() + " bytes to read");
      image.prepareToWrite();
      long table = plan.size();
      assertTrue(counting.bytesRead() < table + MIB, counting.bytesRead() + " bytes to write");
    }
  }
}
