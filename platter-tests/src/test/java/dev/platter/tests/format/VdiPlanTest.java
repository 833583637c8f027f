package dev.platter.tests.format;

import static dev.platter.tests.format.VdiImages.FORMAT;
import static dev.platter.tests.format.VdiImages.MAP;
import static dev.platter.tests.format.VdiImages.SMALL;
import static dev.platter.tests.format.VdiImages.blueprint;
import static dev.platter.tests.format.VdiImages.create;
import static dev.platter.tests.format.VdiImages.disk;
import static dev.platter.tests.format.VdiImages.getInt;
import static dev.platter.tests.format.VdiImages.open;
import static dev.platter.tests.format.VdiImages.random;
import static dev.platter.tests.format.VdiImages.read;
import static dev.platter.tests.format.VdiImages.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Image;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.Preallocation;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VdiPlanTest {
  private static final int SIZE = 10 * 512 + 100;

  private final MemoryStorage storage = new MemoryStorage("x.vdi");

  private static Allocation some() {
    return new Allocation.Builder()
        .data(600, 10)
        .zero(1024, 2048)
        .data(3072, 500)
        .data(SIZE - 10, 10)
        .build(SIZE);
  }

  private static byte[] content() {
    byte[] disk = random(SIZE, 5);
    Arrays.fill(disk, 0, 512, (byte) 0);
    Arrays.fill(disk, 1024, 3072, (byte) 0);
    Arrays.fill(disk, 3584, 10 * 512, (byte) 0);
    return disk;
  }

  @Test
  void blocksAreInTheOrderOfTheDisk() throws IOException {
    write(FORMAT.plan(blueprint(SIZE, SMALL), some()), content(), storage);
    assertEquals(1024 + 3 * 512, storage.size());
    assertEquals(3, getInt(storage, 388));
    long free = 0xffff_ffffL;
    long[] expected = {free, 0, free, free, free, free, 1, free, free, free, 2};
    for (int block = 0; block < expected.length; block++) {
      assertEquals(expected[block], getInt(storage, MAP + 4 * block), "block " + block);
    }
    try (Disk disk = disk(storage)) {
      assertEquals(11 * 512, disk.size());
      assertArrayEquals(content(), read(disk, 0, SIZE));
    }
  }

  @Test
  void zerosOfAChildAreSaid() throws IOException {
    MemoryStorage parent = create(new MemoryStorage("parent.vdi"), SIZE, SMALL);
    try (Image image = open(parent)) {
      var backing = new Blueprint.Backing("p", Optional.empty(), Optional.of(image));
      write(FORMAT.plan(blueprint(SIZE, SMALL).on(backing), some()), content(), storage);
    }
    assertEquals(4, getInt(storage, 76));
    assertEquals(0xffff_ffffL, getInt(storage, MAP));
    for (int block = 2; block < 6; block++) {
      assertEquals(0xffff_fffeL, getInt(storage, MAP + 4 * block));
    }
  }

  @Test
  void aFixedImageHasEveryBlockAtItsPlace() throws IOException {
    var options =
        Map.of(
            "static", "on", "preallocation", "full", "block_size", "512", "data_alignment", "512");
    Plan plan = FORMAT.plan(blueprint(SIZE, options), some());
    assertEquals(Preallocation.FULL, plan.files().getFirst().preallocation());
    byte[] content = content();
    Arrays.fill(content, 512, 600, (byte) 0);
    Arrays.fill(content, 610, 1024, (byte) 0);
    Arrays.fill(content, 3572, SIZE - 10, (byte) 0);
    write(plan, content, storage);
    assertEquals(1024 + 11 * 512, storage.size());
    assertEquals(2, getInt(storage, 76));
    assertEquals(11, getInt(storage, 388));
    try (Disk disk = disk(storage)) {
      assertArrayEquals(content, read(disk, 0, SIZE));
      assertTrue(disk.top().sparse());
    }
  }

  @Test
  void anyPartOfTheMapCanBeComputed() throws IOException {
    long size = 1L << 40;
    var runs = new Allocation.Builder();
    for (long at = 0; at < size; at += 5L << 30) {
      runs.data(at, 3 << 20);
    }
    Plan plan = FORMAT.plan(blueprint(size, Map.of()), runs.build(size));
    var map = (Piece.Metadata) plan.files().getFirst().pieces().get(1);
    assertEquals(4 << 20, map.length());
    byte[] whole = new byte[4 << 20];
    map.source().fill(0, MemorySegment.ofArray(whole));
    byte[] parts = new byte[whole.length];
    for (int at = 0; at < parts.length; at += 512 * 7) {
      int end = Math.min(at + 512 * 7, parts.length);
      map.source().fill(at, MemorySegment.ofArray(parts).asSlice(at, end - at));
    }
    assertArrayEquals(whole, parts);
    assertEquals((2 << 20) + 4L * (1 << 20) + 205L * 3 * (1 << 20) - (1 << 20), plan.size());
  }

  @ParameterizedTest
  @CsvSource({
    "block_size, 1000, a power of two",
    "block_size, 256, a power of two",
    "data_alignment, 3K, a power of two",
    "uuid, x, a UUID",
    "uuid, 00000000-0000-0000-0000-000000000000, not all zeros",
    "physical_geometry, 1/2, cylinders/heads/sectors",
    "logical_geometry, 1/0/3, cylinders/heads/sectors",
    "logical_geometry, 4294967296/1/3, cylinders/heads/sectors",
    "preallocation, full, only a fixed VDI image"
  })
  void aValueThatDoesNotFitIsRefused(String name, String value, String message) {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> FORMAT.plan(blueprint(512, Map.of(name, value)), Allocation.empty(512)));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void aCommentIsNotCutSilently() {
    Map<String, String> options = Map.of("comment", "\u00e9".repeat(128));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> FORMAT.plan(blueprint(512, options), Allocation.empty(512)));
    assertTrue(e.getMessage().contains("255 bytes"), e.getMessage());
  }

  @Test
  void theSizeHasALimitThatGrowsWithTheBlock() throws IOException {
    long most = (512L << 40) - (128L << 20);
    assertEquals(
        (1 << 20) + (2L << 30),
        FORMAT.plan(blueprint(most, Map.of()), Allocation.empty(most)).size());
    assertThrows(
        IllegalArgumentException.class,
        () -> FORMAT.plan(blueprint(most + 1, Map.of()), Allocation.empty(most + 1)));
    Map<String, String> larger = Map.of("block_size", "2M");
    assertTrue(FORMAT.plan(blueprint(most + 1, larger), Allocation.empty(most + 1)).size() > 0);
  }

  @Test
  void aParentMustHaveAUuid() {
    var backing = new Blueprint.Backing("p.raw", Optional.of("raw"), Optional.empty());
    Blueprint child = blueprint(512, Map.of()).on(backing);
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> FORMAT.plan(child, Allocation.empty(512)));
    assertTrue(e.getMessage().contains("'p.raw'"), e.getMessage());
  }
}
