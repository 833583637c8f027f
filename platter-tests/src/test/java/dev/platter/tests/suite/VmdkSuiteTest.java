package dev.platter.tests.suite;

import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Variant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/// VMDK images that can be written in place.
class VmdkSuiteTest {

  /// What all VMDK suites are.
  interface Suite extends ImageFormatContract, FormatCampaigns {
    /// Options of new images.
    Map<String, String> options();

    @Override
    default Variant variant() {
      return vmdk(options());
    }

    @Override
    default List<Variant> neighbours() {
      return List.of(vmdk(Map.of("grain_size", "8K", "zeroed_grain", "on")));
    }
  }

  static Variant vmdk(Map<String, String> options) {
    return Variant.of(RawSuiteTest.format("vmdk"), options);
  }

  /// Small grains.
  @Nested
  class Sparse implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("grain_size", "4K");
    }
  }

  /// Zeros as marks.
  @Nested
  class Zeroed implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("grain_size", "4K", "zeroed_grain", "on");
    }
  }

  /// Several extents.
  @Nested
  class Split implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("subformat", "twoGbMaxExtentSparse", "grain_size", "4K", "split_size", "12K");
    }
  }

  /// So many extents that they are opened when they are used.
  @Nested
  class Many implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("subformat", "twoGbMaxExtentSparse", "grain_size", "4K", "split_size", "8K");
    }
  }

  /// As ESX has its snapshots.
  @Nested
  class Esx implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("subformat", "vmfsSparse");
    }
  }

  /// The same with larger grains.
  @Nested
  class EsxGrains implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("subformat", "vmfsSparse", "grain_size", "4K");
    }
  }

  /// One flat file.
  @Nested
  class Flat implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("subformat", "monolithicFlat");
    }

    @Override
    public Variant variant() {
      return vmdk(options()).parents(Variant.Parents.NONE);
    }
  }

  /// Several flat files.
  @Nested
  class SplitFlat implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("subformat", "twoGbMaxExtentFlat", "split_size", "64K");
    }

    @Override
    public Variant variant() {
      return vmdk(options()).parents(Variant.Parents.NONE);
    }
  }

  /// Grains as everybody has them.
  @Nested
  class Usual implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of();
    }

    @Override
    public long diskSize() {
      return (1 << 20) + 512 * 3;
    }
  }
}
