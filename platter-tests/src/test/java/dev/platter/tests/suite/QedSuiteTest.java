package dev.platter.tests.suite;

import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Variant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/// QED images of all kinds.
class QedSuiteTest {

  /// What all QED suites are.
  interface Suite extends ImageFormatContract, FormatCampaigns {
    /// Options of new images.
    Map<String, String> options();

    @Override
    default Variant variant() {
      return qed(options());
    }

    @Override
    default List<Variant> neighbours() {
      return List.of(
          RawSuiteTest.raw(),
          QcowSuiteTest.qcow2(Map.of("cluster_size", "1024")),
          qed(Map.of("cluster_size", "8192", "table_size", "2")));
    }
  }

  /// A child says that its parent is raw, and nothing about others.
  static Variant qed(Map<String, String> options) {
    return Variant.of(RawSuiteTest.format("qed"), options).parents(Variant.Parents.SAME_FORMAT);
  }

  /// The smallest clusters and tables.
  @Nested
  class Tiny implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "4096", "table_size", "1");
    }
  }

  /// Several tables: 512 clusters each.
  @Nested
  class TwoTables implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "4096", "table_size", "1");
    }

    @Override
    public long diskSize() {
      return (4096 * 512) + 4096 * 8 + 1536;
    }
  }

  /// Clusters as everybody has them.
  @Nested
  class Usual implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of();
    }

    @Override
    public long diskSize() {
      return (65536 * 9) + 512 * 3;
    }
  }
}
