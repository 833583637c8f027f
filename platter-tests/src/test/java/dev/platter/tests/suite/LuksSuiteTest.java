package dev.platter.tests.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.platter.image.Allocation;
import dev.platter.image.Secret;
import dev.platter.image.Secrets;
import dev.platter.io.Storage;
import dev.platter.testkit.FormatCampaigns;
import dev.platter.testkit.ImageFormatContract;
import dev.platter.testkit.Lab;
import dev.platter.testkit.PlanContract;
import dev.platter.testkit.Variant;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// LUKS containers, with keys that are easy to guess.
class LuksSuiteTest {
  private static final int HEADER = 512;

  /// The same passphrase for everything.
  static Secrets passphrase() {
    return new Secrets() {
      @Override
      public Optional<Secret> of(Storage image) {
        return named("");
      }

      @Override
      public Optional<Secret> named(String name) {
        return Optional.of(Secret.of("correct horse".getBytes(StandardCharsets.UTF_8)));
      }
    };
  }

  /// What all suites of containers are.
  interface Suite extends ImageFormatContract, FormatCampaigns {
    /// Options of new images, besides those of all.
    Map<String, String> options();

    @Override
    default Variant variant() {
      Map<String, String> all = new LinkedHashMap<>(options());
      all.put("key-secret", "key");
      all.put("iter-time", "1");
      // only what is written can be read
      all.put("preallocation", "full");
      return Variant.of(RawSuiteTest.format("luks"), all).secrets(passphrase());
    }

    @Override
    default List<Variant> neighbours() {
      return List.of(RawSuiteTest.raw());
    }

    /// The opposite of what other formats owe: two containers never have the same key.
    @Override
    @Test
    default void plansAreReproducible() throws IOException {
      Allocation nothing = Allocation.empty(diskSize());
      byte[] one = start(nothing);
      byte[] other = start(nothing);
      assertEquals(one.length, other.length);
      assertNotEquals(
          -1, MemorySegment.ofArray(one).mismatch(MemorySegment.ofArray(other)), "the same file");
    }

    private byte[] start(Allocation allocation) throws IOException {
      var lab = new Lab();
      lab.createFrom(variant(), image(), PlanContract.source(allocation), allocation);
      Storage file = lab.folder().file(image());
      byte[] bytes = new byte[HEADER];
      // behind the header, where guest data is: zeros, encrypted with another key each time
      file.read(file.size() - HEADER, MemorySegment.ofArray(bytes));
      return bytes;
    }
  }

  /// Version 1, and the shortest keys.
  @Nested
  class VersionOne implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("cipher-alg", "aes-128", "cipher-mode", "cbc", "ivgen-alg", "essiv");
    }
  }

  /// Version 2, with sectors of 4096.
  @Nested
  class VersionTwo implements Suite {
    @Override
    public Map<String, String> options() {
      return Map.of("version", "2", "sector-size", "4096", "pbkdf-memory", "32K");
    }

    @Override
    public Variant variant() {
      return Suite.super.variant().sizeUnit(4096);
    }
  }
}
