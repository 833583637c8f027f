package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Compressed images of every kind, judged and read by `qemu-img`.
class Qcow2PackingTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "compression_level=6",
        "compression_type=zstd",
        "compression_type=zstd,compression_level=12",
        "compat=0.10",
        "cluster_size=512",
        "cluster_size=4K,refcount_bits=1",
        "cluster_size=16K,refcount_bits=2,compression_type=zstd",
        "refcount_bits=4",
        "refcount_bits=64,cluster_size=1K",
        "cluster_size=2M",
        "extended_l2=on",
        "extended_l2=on,cluster_size=16K,compression_type=zstd",
      })
  void compressedImages(String options) throws IOException {
    for (int size : new int[] {0, 1000, 700 * 1024 + 300, 3 << 20}) {
      byte[] guest = size == 0 ? new byte[0] : Qcow2Plans.guest(size, 20, size);
      judge(options, guest, Optional.empty());
      if (size > 0 && !options.contains("0.10")) {
        byte[] parent = new byte[size];
        new SplittableRandom(size).nextBytes(parent);
        Files.write(folder.resolve("parent.raw"), parent);
        judge(options, guest, Optional.of("parent.raw"));
      }
    }
  }

  private void judge(String options, byte[] guest, Optional<String> parent) throws IOException {
    var lab = new Qcow2Lab(folder);
    Path image =
        new Qcow2Plans(folder)
            .pack("x.qcow2", Qcow2Plans.blueprint(guest.length, options, parent), guest);
    lab.check(image);
    byte[] padded = Arrays.copyOf(guest, (guest.length + 511) & -512);
    assertArrayEquals(padded, lab.content(image), options + " of " + guest.length);
    assertArrayEquals(padded, lab.read(image), options + " of " + guest.length);
  }

  @Test
  void textBecomesShort() throws IOException {
    byte[] guest = new byte[4 << 20];
    Arrays.fill(guest, (byte) 'x');
    for (String options : new String[] {"", "compression_type=zstd"}) {
      Path image =
          new Qcow2Plans(folder)
              .pack(
                  "x.qcow2", Qcow2Plans.blueprint(guest.length, options, Optional.empty()), guest);
      // a cluster each for header, L1 table, data, L2 table, refcount block and refcount table
      assertTrue(Files.size(image) <= 6 << 16, options + ": " + Files.size(image));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"data_file=x.raw", "preallocation=metadata"})
  void whatCannotBeCompressed(String options) {
    assertThrows(
        IllegalArgumentException.class,
        () -> Qcow2Plans.FORMAT.pack(Qcow2Plans.blueprint(1, options, Optional.empty())));
  }
}
