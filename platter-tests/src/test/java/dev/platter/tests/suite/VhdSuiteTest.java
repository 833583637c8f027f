package dev.platter.tests.suite;

import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Variant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/// VHD images of all kinds.
class VhdSuiteTest {

  /// What all VHD suites are.
  interface Suite extends ImageFormatContract, FormatCampaigns {
    /// Options of new images.
    Map<String, String> options();

    @Override
    default Variant variant() {
      return vhd(options());
    }

    @Override
    default List<Variant> neighbours() {
      return List.of(RawSuiteTest.raw(), vhd(Map.of("block_size", "8192")));
    }
  }

  static Variant vhd(Map<String, String> options) {
    return Variant.of(RawSuiteTest.format("vpc"), options);
  }

  /// Blocks of two kilobytes.
  @Nested
  class Dynamic implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("block_size", "2048");
    }
  }

  /// Blocks of a sector: bitmaps of a bit.
  @Nested
  class Tiny implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("block_size", "512");
    }
  }

  /// A raw disk with a footer.
  @Nested
  class Fixed implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("subformat", "fixed");
    }

    @Override
    public Variant variant() {
      return vhd(options()).parents(Variant.Parents.NONE);
    }
  }

  /// Blocks as everybody has them.
  @Nested
  class Usual implements ImageFormatContract {
    @Override
    public Variant variant() {
      return vhd(Map.of());
    }

    @Override
    public long diskSize() {
      return (5 << 20) + 512 * 3;
    }
  }
}
