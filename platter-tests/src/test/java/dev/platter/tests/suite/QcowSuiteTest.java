package dev.platter.tests.suite;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.platter.image.Allocation;
import dev.platter.io.Storage;
import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Lab;
import dev.platter.testkit.PlanContract;
import dev.platter.testkit.Variant;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

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

  /// Encrypted.
  @Nested
  class Encrypted implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of(
          "cluster_size",
          "4096",
          "encrypt.format",
          "luks",
          "encrypt.key-secret",
          "key",
          "encrypt.iter-time",
          "1",
          "encrypt.cipher-alg",
          "aes-128");
    }

    @Override
    public Variant variant() {
      return Suite.super.variant().secrets(LuksSuiteTest.passphrase());
    }

    /// No two images have the same key, so none are the same file.
    @Override
    @Test
    public void plansAreReproducible() throws IOException {
      Allocation all = Allocation.full(4096);
      var lab = new Lab();
      lab.createFrom(variant(), "one", PlanContract.source(all), all);
      lab.createFrom(variant(), "other", PlanContract.source(all), all);
      byte[] one = last(lab, "one");
      assertFalse(Arrays.equals(one, last(lab, "other")), "the same bytes");
    }

    private static byte[] last(Lab lab, String name) throws IOException {
      Storage file = lab.folder().file(name);
      byte[] bytes = new byte[4096];
      file.read(file.size() - bytes.length, MemorySegment.ofArray(bytes));
      return bytes;
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
