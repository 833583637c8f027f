package dev.platter.tests.suite;

import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Variant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/// VHDX images of all kinds. Blocks have a mebibyte at least, so disks are not small.
class VhdxSuiteTest {
  private static final long DISK = (7 << 20) + 3 * 4096;

  static Variant vhdx(Map<String, String> options) {
    return Variant.of(RawSuiteTest.format("vhdx"), options);
  }

  /// The smallest blocks.
  @Nested
  class Dynamic implements ImageFormatContract {
    @Override
    public Variant variant() {
      return vhdx(Map.of("block_size", "1M"));
    }

    @Override
    public long diskSize() {
      return DISK;
    }
  }

  /// Disks of three blocks, so that thousands of them take little time.
  @Nested
  class Small implements FormatCampaigns {
    @Override
    public Variant variant() {
      return vhdx(Map.of("block_size", "1M"));
    }

    @Override
    public List<Variant> neighbours() {
      return List.of(RawSuiteTest.raw(), vhdx(Map.of("block_size", "2M")));
    }

    @Override
    public long diskSize() {
      return (2 << 20) + 512 * 5;
    }

    @Override
    public long crashSize() {
      return diskSize();
    }
  }

  /// Sectors of four kilobytes.
  @Nested
  class LargeSectors implements ImageFormatContract {
    @Override
    public Variant variant() {
      return vhdx(Map.of("block_size", "1M", "logical_sector_size", "4096")).sizeUnit(4096);
    }

    @Override
    public long diskSize() {
      return DISK;
    }
  }

  /// All blocks have a place from the start.
  @Nested
  class Fixed implements ImageFormatContract {
    @Override
    public Variant variant() {
      return vhdx(Map.of("block_size", "1M", "subformat", "fixed")).parents(Variant.Parents.NONE);
    }

    @Override
    public long diskSize() {
      return DISK;
    }
  }

  /// Blocks as everybody has them.
  @Nested
  class Usual implements ImageFormatContract {
    @Override
    public Variant variant() {
      return vhdx(Map.of());
    }

    @Override
    public long diskSize() {
      return (57 << 20) + 512 * 3;
    }
  }
}
