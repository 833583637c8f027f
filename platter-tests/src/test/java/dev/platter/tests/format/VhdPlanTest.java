package dev.platter.tests.format;

import static dev.platter.tests.format.VhdLab.FORMAT;
import static dev.platter.tests.format.VhdLab.blueprint;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.image.Allocation;
import dev.platter.image.HasGeometry;
import dev.platter.image.Image;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sizes, geometries and options of new images.
class VhdPlanTest {
  private static final long GIB = 1L << 30;

  private final MemoryStorage file = new MemoryStorage("x.vhd");

  private Image created(long size, Map<String, String> options) throws IOException {
    file.resize(0);
    VhdLab.write(FORMAT.plan(blueprint(size, options), Allocation.empty(size)), new byte[0], file);
    return VhdLab.image(file, Access.READ, Purpose.DATA);
  }

  private static IllegalArgumentException refused(long size, Map<String, String> options) {
    return assertThrows(
        IllegalArgumentException.class,
        () -> FORMAT.plan(blueprint(size, options), Allocation.empty(size)));
  }

  /// Geometries as the specification's appendix computes them; sizes are theirs exactly.
  @ParameterizedTest
  @CsvSource({
    "34816, 1, 4, 17",
    "10479616, 301, 4, 17",
    "1073479680, 2080, 16, 63",
    "136899993600, 65535, 16, 255"
  })
  void geometriesAreTheSpecifications(long size, int cylinders, int heads, int sectors)
      throws IOException {
    try (Image image = created(size, Map.of())) {
      assertEquals(size, image.size());
      assertEquals(
          new HasGeometry.Geometry(cylinders, heads, sectors),
          ((HasGeometry) image).physical().orElseThrow());
    }
  }

  @Test
  void aSizeThatNoGeometryHasGetsTheLargestOneSoThatAllReadersAgree() throws IOException {
    try (Image image = created(10 << 20, Map.of())) {
      assertEquals(10 << 20, image.size());
      assertEquals(
          new HasGeometry.Geometry(65_535, 16, 255),
          ((HasGeometry) image).physical().orElseThrow());
    }
  }

  @Test
  void azureGetsWholeMebibytes() throws IOException {
    try (Image image = created((5 << 20) + 1, Map.of("azure", "on"))) {
      assertEquals(6 << 20, image.size());
      assertEquals((6 << 20) + 512, file.size());
      assertEquals("fixed", image.info().variant().orElseThrow());
    }
    assertTrue(
        refused(1 << 20, Map.of("azure", "on", "subformat", "dynamic"))
            .getMessage()
            .contains("fixed"));
    assertTrue(
        refused(1 << 20, Map.of("azure", "on", "force_size", "off"))
            .getMessage()
            .contains("force_size"));
  }

  @Test
  void theLargestDiskHas2040GiB() throws IOException {
    Plan largest = FORMAT.plan(blueprint(2040 * GIB, Map.of()), Allocation.empty(2040 * GIB));
    assertEquals(512 + 1024 + 4 * 2040 * 512 + 512, largest.size());
    assertTrue(refused(2040 * GIB + 1, Map.of()).getMessage().contains("2040 GiB"));
    assertTrue(
        refused(2040 * GIB + 512, Map.of("subformat", "fixed")).getMessage().contains("2040 GiB"));
  }

  @Test
  void aFullDiskIsPlannedWithoutMemoryForItsBlocks() throws IOException {
    long size = 2000 * GIB;
    Plan plan = FORMAT.plan(blueprint(size, Map.of()), Allocation.full(size));
    int pieces = plan.files().getFirst().pieces().size();
    assertEquals(2 * 1000 * 1024 + 4, pieces);
    assertEquals(Piece.Guest.class, plan.files().getFirst().pieces().get(pieces - 2).getClass());
    assertTrue(plan.size() < 2040 * GIB);
    refused2TiB();
  }

  private static void refused2TiB() {
    long size = 2039 * GIB;
    var full =
        assertThrows(
            IllegalArgumentException.class,
            () -> FORMAT.plan(blueprint(size, Map.of("block_size", "4k")), Allocation.full(size)));
    assertTrue(full.getMessage().contains("2 TiB"), full.getMessage());
  }

  @Test
  void blocksArePowersOfTwo() throws IOException {
    for (String bad : new String[] {"0", "256", "3k", "2G"}) {
      assertTrue(
          refused(1 << 20, Map.of("block_size", bad)).getMessage().contains("block_size"), bad);
    }
    for (String good : new String[] {"512", "4k", "512k", "16M", "1G"}) {
      try (Image image = created(3 << 20, Map.of("block_size", good))) {
        assertEquals(3 << 20, image.size(), good);
      }
    }
  }
}
