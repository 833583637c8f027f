package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.image.Allocation;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// New images of every kind, judged and read by `qemu-img`.
class Qcow2PlanTest {
  private static final int[] SIZES = {512, 1000, 700 * 1024 + 300, 3 << 20};
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "compat=0.10",
        "compat=v2,cluster_size=1K",
        "cluster_size=512",
        "cluster_size=4K",
        "cluster_size=2M",
        "refcount_bits=1",
        "refcount_bits=2,cluster_size=512",
        "refcount_bits=4",
        "refcount_bits=8",
        "refcount_bits=32",
        "refcount_bits=64,cluster_size=512",
        "lazy_refcounts=on",
        "extended_l2=on",
        "extended_l2=on,cluster_size=16K",
        "extended_l2=on,cluster_size=2M,preallocation=metadata",
        "compression_type=zstd",
      })
  void imagesWithAndWithoutParent(String options) throws IOException {
    for (int size : SIZES) {
      byte[] guest = Qcow2Plans.guest(size, 9, size);
      judge(options, guest, 512, Optional.empty());
      if (!options.contains("extended_l2=on,cluster_size=2M")) {
        judge(options, guest, 4096, Optional.empty());
      }
      byte[] parent = new byte[size];
      new SplittableRandom(size).nextBytes(parent);
      Files.write(folder.resolve("parent.raw"), parent);
      judge(options, guest, 1536, Optional.of("parent.raw"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "preallocation=metadata",
        "preallocation=falloc",
        "preallocation=full,cluster_size=4K",
        "data_file=DIR/data.raw",
        "data_file=DIR/data.raw,data_file_raw=on",
        "data_file=DIR/data.raw,preallocation=metadata,refcount_bits=1",
        "data_file=DIR/data.raw,extended_l2=on,cluster_size=16K",
        "data_file=DIR/data.raw,data_file_raw=on,extended_l2=on",
      })
  void imagesWithoutParent(String kind) throws IOException {
    // QEMU looks for a data file in its own working directory
    String options = kind.replace("DIR", folder.toString());
    for (int size : SIZES) {
      judge(options, Qcow2Plans.guest(size, 9, size), 512, Optional.empty());
    }
    judge(options, new byte[3 << 20], 512, Optional.empty());
  }

  private void judge(String options, byte[] guest, int grain, Optional<String> parent)
      throws IOException {
    var lab = new Qcow2Lab(folder);
    Allocation runs = Qcow2Plans.allocation(guest, grain, parent.isPresent());
    Plan plan = Qcow2Plans.FORMAT.plan(Qcow2Plans.blueprint(guest.length, options, parent), runs);
    Path image = new Qcow2Plans(folder).write("x.qcow2", plan, guest);
    lab.check(image);
    byte[] padded = Arrays.copyOf(guest, (guest.length + 511) & -512);
    assertArrayEquals(padded, lab.content(image), options + " of " + guest.length);
    assertArrayEquals(padded, lab.read(image), options + " of " + guest.length);
    if (options.contains("data_file_raw")) {
      assertArrayEquals(padded, Files.readAllBytes(folder.resolve("data.raw")));
    }
  }

  @Test
  void theOptionsAreInTheImage() throws IOException {
    String options =
        "cluster_size=32K,refcount_bits=8,lazy_refcounts=on,extended_l2=on,compression_type=zstd";
    Files.write(folder.resolve("parent.raw"), new byte[1 << 20]);
    Plan plan =
        Qcow2Plans.FORMAT.plan(
            Qcow2Plans.blueprint(1 << 20, options, Optional.of("parent.raw")),
            Allocation.empty(1 << 20));
    Path image = new Qcow2Plans(folder).write("x.qcow2", plan, new byte[0]);
    String info = new Qcow2Lab(folder).img("info", "--output=json", image).replaceAll("\\s", "");
    for (String expected :
        new String[] {
          "\"cluster-size\":32768",
          "\"refcount-bits\":8",
          "\"lazy-refcounts\":true",
          "\"extended-l2\":true",
          "\"compression-type\":\"zstd\"",
          "\"backing-filename\":\"parent.raw\"",
          "\"backing-filename-format\":\"raw\"",
        }) {
      assertTrue(info.contains(expected), () -> expected + " in " + info);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "cluster_size=512;1099511627776;too large",
        "cluster_size=8K,extended_l2=on;1;at least 16K",
        "cluster_size=5000;1;power of two",
        "cluster_size=4M;1;power of two",
        "refcount_bits=7;1;power of two",
        "refcount_bits=128;1;power of two",
        "compat=0.10,refcount_bits=8;1;needs compat=1.1",
        "compat=0.10,lazy_refcounts=on;1;needs compat=1.1",
        "compat=0.10,extended_l2=on;1;needs compat=1.1",
        "compat=0.10,compression_type=zstd;1;needs compat=1.1",
        "compat=0.10,data_file=x;1;needs compat=1.1",
        "data_file_raw=on;1;needs a data_file",
      })
  void combinationsThatAreRefused(String options, long size, String why) {
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Qcow2Plans.FORMAT.plan(
                    Qcow2Plans.blueprint(size, options, Optional.empty()), Allocation.empty(size)));
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "preallocation=metadata;b;extended_l2",
        "data_file=x,data_file_raw=on;b;together",
        "cluster_size=512;LONG;do not fit",
        "compat=1.1;LONGER;1023",
      })
  void parentsThatAreRefused(String options, String parent, String why) {
    String name =
        parent.startsWith("LONG") ? "p".repeat(parent.equals("LONG") ? 500 : 1024) : parent;
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Qcow2Plans.FORMAT.plan(
                    Qcow2Plans.blueprint(1 << 20, options, Optional.of(name)),
                    Allocation.empty(1 << 20)));
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "cluster_size=4K",
        "refcount_bits=64",
        "extended_l2=on",
        "preallocation=metadata"
      })
  void noImageIsLargerThanQemuSays(String options) throws IOException {
    for (long size : new long[] {1 << 20, 1L << 30, 100L << 30}) {
      String asked = options.isEmpty() ? "cluster_size=64K" : options;
      String answer =
          new Qcow2Lab(folder)
              .img("measure", "--output=json", "-O", "qcow2", "-o", asked, "--size", size);
      long empty = plan(size, options, Allocation.empty(size)).size();
      long full = plan(size, options, Allocation.full(size)).size();
      assertTrue(full <= answer(answer, "fully-allocated"), options + " " + size + ": " + full);
      if (options.contains("preallocation")) {
        assertEquals(full, empty);
      } else {
        assertTrue(empty <= answer(answer, "required"), options + " " + size + ": " + empty);
      }
    }
  }

  private static Plan plan(long size, String options, Allocation runs) throws IOException {
    return Qcow2Plans.FORMAT.plan(Qcow2Plans.blueprint(size, options, Optional.empty()), runs);
  }

  private static long answer(String json, String field) {
    return Long.parseLong(json.replaceAll("(?s).*\"" + field + "\": (\\d+).*", "$1"));
  }

  @Test
  void petabytesAreLaidOutInLittleMemory() throws IOException {
    long size = 64L << 40;
    var sparse = new Allocation.Builder();
    for (long at = 0; at < size; at += 1L << 36) {
      sparse.data(at, 100_000);
    }
    for (Allocation runs : new Allocation[] {sparse.build(size), Allocation.full(size)}) {
      Plan plan =
          Qcow2Plans.FORMAT.plan(
              Qcow2Plans.blueprint(size, "cluster_size=2M", Optional.empty()), runs);
      Plan.PlannedFile file = plan.files().getFirst();
      long end = 0;
      var window = MemorySegment.ofArray(new byte[1 << 16]);
      for (Piece piece : file.pieces()) {
        assertTrue(piece.position() >= end, piece.toString());
        end = piece.position() + piece.length();
        if (piece instanceof Piece.Metadata metadata) {
          long last = Math.max(metadata.length() - window.byteSize(), 0) & -512;
          window.fill((byte) 0);
          metadata
              .source()
              .fill(last, window.asSlice(0, Math.min(window.byteSize(), metadata.length() - last)));
        }
      }
      assertEquals(file.size(), (end + (2 << 20) - 1) & -(2 << 20));
    }
  }
}
