package dev.platter.tests.suite;

import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Variant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/// QCOW images of version 1, of all kinds.
class Qcow1SuiteTest {

  /// What all QCOW suites are.
  interface Suite extends ImageFormatContract, FormatCampaigns {
    /// Options of new images.
    Map<String, String> options();

    @Override
    default Variant variant() {
      return qcow(options());
    }

    @Override
    default List<Variant> neighbours() {
      return List.of(
          RawSuiteTest.raw(),
          QcowSuiteTest.qcow2(Map.of("cluster_size", "1024")),
          qcow(Map.of("cluster_size", "2048", "table_size", "512")));
    }
  }

  /// A child cannot say what its parent is.
  static Variant qcow(Map<String, String> options) {
    return Variant.of(RawSuiteTest.format("qcow"), options).parents(Variant.Parents.SAME_FORMAT);
  }

  /// The smallest clusters and tables.
  @Nested
  class Tiny implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "512", "table_size", "512");
    }
  }

  /// Tables of many clusters, as children usually have them.
  @Nested
  class LongTables implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "512");
    }
  }

  /// Tables of less than a cluster.
  @Nested
  class ShortTables implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "4096", "table_size", "512");
    }

    @Override
    public long diskSize() {
      return (4096 * 64 * 2) + 4096 * 3 + 1536;
    }
  }

  /// Clusters as everybody has them.
  @Nested
  class Usual implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of();
    }
  }
}
