package dev.platter.tests.operation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.image.Claiming;
import dev.platter.image.ImageFormat;
import dev.platter.io.MemoryStorage;
import dev.platter.operation.Check;
import dev.platter.operation.Compare;
import dev.platter.operation.Conversion;
import dev.platter.operation.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VmdkConversionTest {
  private static final ImageFormat VMDK = RawDisks.FORMATS.named("vmdk");

  private static Disk open(MemoryStorage storage) throws IOException {
    DiskOptions options = DiskOptions.standard().format(Optional.of("vmdk"));
    return new Disks(RawDisks.FORMATS).open(storage, options);
  }

  @ParameterizedTest
  @CsvSource({
    "512, monolithicSparse",
    "3000320, monolithicSparse",
    "40000000, monolithicSparse",
    "512, streamOptimized",
    "3000320, streamOptimized",
    "40000000, streamOptimized"
  })
  void itIsTheSameDiskForAnyNumberOfThreads(long size, String subformat) throws IOException {
    MemoryStorage source = RawDisks.patchwork(size, size);
    var first = new MemoryStorage("first");
    var second = new MemoryStorage("second");
    convert(source, subformat).threads(1).toStorages(VMDK, "x.vmdk", _ -> first);
    convert(source, subformat).threads(3).toStorages(VMDK, "x.vmdk", _ -> second);
    assertEquals(-1, java.util.Arrays.mismatch(first.toArray(), second.toArray()));
    try (Disk disk = open(first)) {
      assertEquals(new Compare.Result.Identical(), Compare.of(disk, RawDisks.open(source)).run());
      Check.Result check = Check.check((Claiming) disk.top(), Progress.none());
      assertTrue(check.clean(), check.toString());
      assertEquals(subformat, disk.top().info().variant().orElseThrow());
    }
  }

  private static Conversion convert(MemoryStorage source, String subformat) throws IOException {
    return Conversion.of(List.of(RawDisks.open(source)))
        .deterministic()
        .options(Map.of("subformat", subformat));
  }

  /// A sparse extent has at most 2 TiB of grains, but its disk may be larger.
  @Test
  void aDiskThatWouldNotFitIfAllOfItWereStoredIsConverted() throws IOException {
    var source = new MemoryStorage("source");
    source.resize(8L << 40);
    source.write(7L << 40, java.lang.foreign.MemorySegment.ofArray("far away".getBytes()));
    var target = new MemoryStorage("target");
    convert(source, "monolithicSparse").toStorages(VMDK, "x.vmdk", _ -> target);
    try (Disk disk = open(target)) {
      assertEquals(new Compare.Result.Identical(), Compare.of(disk, RawDisks.open(source)).run());
    }
  }

  @Test
  void compressedIsStreamOptimized() throws IOException {
    MemoryStorage source = RawDisks.patchwork(3, 1 << 20);
    var target = new MemoryStorage("target");
    Conversion.of(List.of(RawDisks.open(source)))
        .compressed()
        .toStorages(VMDK, "x.vmdk", _ -> target);
    try (Disk disk = open(target)) {
      assertTrue(disk.top().info().compressed());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 512, 3000320, 40000000, 70_000_128})
  void aPipeGetsWhatAFileGets(long size) throws IOException {
    MemoryStorage source = RawDisks.patchwork(size, size);
    var file = new MemoryStorage("file");
    convert(source, "streamOptimized").toStorages(VMDK, "x.vmdk", _ -> file);
    for (int threads : new int[] {1, 3}) {
      var stream = new ByteArrayOutputStream();
      convert(source, "streamOptimized").threads(threads).toStream(VMDK, "x.vmdk", stream);
      assertArrayEquals(file.toArray(), stream.toByteArray());
    }
    var compressed = new ByteArrayOutputStream();
    Conversion.of(List.of(RawDisks.open(source)))
        .deterministic()
        .compressed()
        .toStream(VMDK, "x.vmdk", compressed);
    assertArrayEquals(file.toArray(), compressed.toByteArray());
  }

  @Test
  void aHigherLevelIsSmaller() throws IOException {
    var text = new StringBuilder();
    var dice = new SplittableRandom(1);
    while (text.length() < 1_000_000) {
      text.append(dice.nextInt(2000)).append(" bottles of beer on the wall\n");
    }
    MemoryStorage source = MemoryStorage.of("x", text.toString().getBytes(US_ASCII));
    var sizes = new ArrayList<Long>();
    for (String level : List.of("1", "9")) {
      var target = new MemoryStorage("target");
      Conversion.of(List.of(RawDisks.open(source)))
          .options(Map.of("subformat", "streamOptimized", "compression_level", level))
          .toStorages(VMDK, "x.vmdk", _ -> target);
      sizes.add(target.size());
    }
    assertTrue(sizes.get(1) < sizes.get(0), sizes.toString());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Conversion.of(List.of(RawDisks.open(source)))
                .options(Map.of("subformat", "streamOptimized", "compression_level", "13"))
                .toStorages(VMDK, "x.vmdk", _ -> new MemoryStorage("target")));
  }
}
