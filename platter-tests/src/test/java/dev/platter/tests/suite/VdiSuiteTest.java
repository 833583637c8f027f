package dev.platter.tests.suite;

import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Variant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/// VDI images of all kinds.
class VdiSuiteTest {

  /// What all VDI suites are.
  interface Suite extends ImageFormatContract, FormatCampaigns {
    /// Options of new images.
    Map<String, String> options();

    @Override
    default Variant variant() {
      return vdi(options());
    }

    @Override
    default List<Variant> neighbours() {
      return List.of(
          RawSuiteTest.raw(), vdi(Map.of("block_size", "8192", "data_alignment", "4096")));
    }
  }

  static Variant vdi(Map<String, String> options) {
    return Variant.of(RawSuiteTest.format("vdi"), options);
  }

  /// Blocks of a kilobyte.
  @Nested
  class Dynamic implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("block_size", "1024", "data_alignment", "512");
    }
  }

  /// All blocks have a place from the start.
  @Nested
  class Fixed implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("block_size", "4096", "data_alignment", "512", "static", "on");
    }

    @Override
    public Variant variant() {
      return vdi(options()).parents(Variant.Parents.NONE);
    }
  }

  /// Blocks as everybody has them.
  @Nested
  class Usual implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of();
    }

    @Override
    public long diskSize() {
      return (9 << 20) + 512 * 3;
    }
  }
}
