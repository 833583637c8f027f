package dev.platter.tests.suite;

import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Variant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/// QCOW2 images of all kinds.
class QcowSuiteTest {

  /// What all QCOW2 suites are.
  interface Suite extends ImageFormatContract, FormatCampaigns {
    /// Options of new images.
    Map<String, String> options();

    @Override
    default Variant variant() {
      return qcow2(options());
    }

    @Override
    default List<Variant> neighbours() {
      return List.of(
          RawSuiteTest.raw(),
          qcow2(Map.of("cluster_size", "4096")),
          qcow2(Map.of("cluster_size", "512", "compat", "0.10")));
    }
  }

  static Variant qcow2(Map<String, String> options) {
    return Variant.of(RawSuiteTest.format("qcow2"), options);
  }

  /// The smallest clusters, and counts of one bit.
  @Nested
  class TinyOneBit implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "512", "refcount_bits", "1");
    }
  }

  /// The smallest clusters, and the widest counts: many tables.
  @Nested
  class TinyWide implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "512", "refcount_bits", "64");
    }
  }

  /// Subclusters.
  @Nested
  class ExtendedL2 implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "16384", "extended_l2", "on");
    }

    @Override
    public long diskSize() {
      return 16384 * 7 + 1536;
    }
  }

  /// Version 2: no marks of zeros.
  @Nested
  class Version2 implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "1024", "compat", "0.10");
    }
  }

  /// Counts that are written late.
  @Nested
  class Lazy implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "1024", "lazy_refcounts", "on");
    }
  }

  /// Guest data in a file of its own.
  @Nested
  class DataFile implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "1024", "data_file", "guest.raw");
    }

    @Override
    public Variant variant() {
      return qcow2(options()).parents(Variant.Parents.NONE);
    }

    @Override
    public List<Variant> neighbours() {
      return List.of();
    }
  }

  /// Every cluster has its place.
  @Nested
  class Preallocated implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "4096", "preallocation", "metadata");
    }

    @Override
    public Variant variant() {
      return qcow2(options()).parents(Variant.Parents.NONE);
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
