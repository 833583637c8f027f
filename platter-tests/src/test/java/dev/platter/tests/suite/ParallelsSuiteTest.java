package dev.platter.tests.suite;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.platter.Disk;
import dev.platter.image.Claiming;
import dev.platter.image.Discarding;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.io.Access;
import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Variant;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Parallels images of all kinds.
class ParallelsSuiteTest {

  /// What all Parallels suites are.
  interface Suite extends ImageFormatContract, FormatCampaigns {
    /// Options of new images.
    Map<String, String> options();

    @Override
    default Variant variant() {
      return parallels(options());
    }

    @Override
    default List<Variant> neighbours() {
      return List.of(RawSuiteTest.raw(), parallels(Map.of("cluster_size", "8192")));
    }

    @Override
    default Geometry geometry() {
      return ofTwoHeads(diskSize() / 512);
    }
  }

  /// Cylinders of two heads, of at most 63 sectors each: what the header cannot say must follow
  /// from the disk's size.
  private static Geometry ofTwoHeads(long sectors) {
    long cylinders = sectors / 126 + 3;
    return new Geometry(cylinders, 2, (int) (sectors / (2 * cylinders)));
  }

  static Variant parallels(Map<String, String> options) {
    return Variant.of(RawSuiteTest.format("parallels"), options);
  }

  /// Entries in clusters of a kilobyte.
  @Nested
  class Extended implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "1024");
    }
  }

  /// Entries in sectors, clusters that are no power of two.
  @Nested
  class Classic implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "1536", "variant", "classic");
    }
  }

  /// Clusters of 63 sectors, as the first versions had them.
  @Nested
  class Old implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cluster_size", "32256", "variant", "classic");
    }

    @Override
    public long diskSize() {
      return 200_192;
    }
  }

  /// A folder of images.
  @Nested
  class Bundle implements ImageFormatContract {
    @Override
    public Variant variant() {
      return parallels(Map.of("cluster_size", "4096", "bundle", "on", "split_size", "65536"));
    }

    /// Images are checked one by one, and a folder is not.
    @Test
    @Override
    public void capabilitiesAreInterfaces() throws IOException {
      try (Disk disk = fresh().open(image(), Access.WRITE)) {
        assertInstanceOf(Discarding.class, disk.top());
        assertFalse(disk.top() instanceof Claiming);
      }
    }

    @Override
    public long diskSize() {
      return 200_192;
    }
  }

  /// Clusters as everybody has them.
  @Nested
  class Usual implements ImageFormatContract {
    @Override
    public Variant variant() {
      return parallels(Map.of());
    }

    @Override
    public long diskSize() {
      return (5 << 20) + 512 * 3;
    }

    @Override
    public Geometry geometry() {
      return ofTwoHeads(diskSize() / 512);
    }
  }
}
