package dev.platter.tests.operation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.image.Blueprint;
import dev.platter.image.ImageFormat;
import dev.platter.io.MemoryStorage;
import dev.platter.operation.CancelledException;
import dev.platter.operation.Compare;
import dev.platter.operation.Conversion;
import dev.platter.operation.Conversion.Existing;
import dev.platter.operation.Copy;
import dev.platter.operation.Measure;
import dev.platter.operation.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConversionTest {
  private static final ImageFormat TOY = new ToyFormat();

  private static MemoryStorage convert(Conversion conversion, ImageFormat format)
      throws IOException {
    var target = new MemoryStorage("target");
    conversion.toStorages(format, "target", _ -> target);
    return target;
  }

  private static Disk toy(MemoryStorage... chain) throws IOException {
    List<Disk.Layer> layers = new ArrayList<>();
    for (MemoryStorage storage : chain) {
      layers.add(new Disk.Layer(new ToyImage(storage), "toy"));
    }
    return new Disk(layers, false);
  }

  private static MemorySegment filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return MemorySegment.ofArray(bytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 511, 512, 4095, 65_537, 3 << 20, 12_345_678})
  void rawStaysAsItIsAndHolesStayHoles(long size) throws IOException {
    MemoryStorage source = RawDisks.patchwork(size, size);
    MemoryStorage target = convert(Conversion.of(List.of(RawDisks.open(source))), RawDisks.raw());
    assertArrayEquals(source.toArray(), target.toArray());
    assertTrue(target.allocated() <= source.allocated());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void everyFormatGetsTheSameBytesFromAnyNumberOfThreads(int threads) throws IOException {
    MemoryStorage source = RawDisks.patchwork(3, 20 << 20);
    Disk disk = RawDisks.open(source);
    for (boolean compressed : new boolean[] {false, true}) {
      Conversion one = Conversion.of(List.of(disk)).threads(1).deterministic();
      Conversion many = Conversion.of(List.of(disk)).threads(threads).deterministic();
      if (compressed) {
        one.compressed();
        many.compressed();
      }
      MemoryStorage expected = convert(one, TOY);
      MemoryStorage target = convert(many, TOY);
      assertArrayEquals(expected.toArray(), target.toArray());
      assertArrayEquals(source.toArray(), RawDisks.bytes(toy(target)));
    }
  }

  @Test
  void zerosThatAreStoredAreNotStoredAgain() throws IOException {
    var source = new MemoryStorage("source");
    source.write(0, filled(1 << 20, 0));
    source.write(1 << 20, filled(8192, 5));
    MemoryStorage target = convert(Conversion.of(List.of(RawDisks.open(source))), TOY);
    assertEquals(ToyFormat.mapEnd(source.size()) + 8192, target.size());
    MemoryStorage all = convert(Conversion.of(List.of(RawDisks.open(source))).sparse(0), TOY);
    assertEquals(ToyFormat.mapEnd(source.size()) + source.size(), all.size());
  }

  @Test
  void sparseZeroStoresAllOfARawTarget() throws IOException {
    var source = new MemoryStorage("source");
    source.resize(4 << 20);
    MemoryStorage target =
        convert(Conversion.of(List.of(RawDisks.open(source))).sparse(0), RawDisks.raw());
    assertEquals(4 << 20, target.allocated());
  }

  @Test
  void streamsAndFilesHaveTheSameBytes() throws IOException {
    MemoryStorage source = RawDisks.patchwork(9, 5_000_000);
    Disk disk = RawDisks.open(source);
    for (ImageFormat format : List.of(RawDisks.raw(), TOY)) {
      var stream = new ByteArrayOutputStream();
      Conversion.of(List.of(disk)).deterministic().toStream(format, "x", stream);
      MemoryStorage file = convert(Conversion.of(List.of(disk)).deterministic(), format);
      assertArrayEquals(file.toArray(), stream.toByteArray());
    }
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Conversion.of(List.of(disk))
                .compressed()
                .toStream(TOY, "x", new ByteArrayOutputStream()));
  }

  @Test
  void sourcesAreJoinedAtSectorsAndTheSizeCanBeChosen() throws IOException {
    var one = MemoryStorage.of("one", filled(1000, 1).toArray(ValueLayout.JAVA_BYTE));
    var two = MemoryStorage.of("two", filled(700, 2).toArray(ValueLayout.JAVA_BYTE));
    List<BlockDevice> both = List.of(RawDisks.open(one), RawDisks.open(two));
    byte[] joined = convert(Conversion.of(both), RawDisks.raw()).toArray();
    assertEquals(1724, joined.length);
    assertEquals(1, joined[999]);
    assertEquals(0, joined[1023]);
    assertEquals(2, joined[1024]);
    byte[] larger = convert(Conversion.of(both).size(5000), RawDisks.raw()).toArray();
    assertArrayEquals(Arrays.copyOf(joined, 5000), larger);
    byte[] smaller = convert(Conversion.of(both).size(1030), RawDisks.raw()).toArray();
    assertArrayEquals(Arrays.copyOf(joined, 1030), smaller);
    assertEquals(2048, toy(convert(Conversion.of(both), TOY)).size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aChildKeepsWhatHidesItsParentAndNoMore(boolean compressed) throws IOException {
    int size = 1 << 20;
    MemoryStorage base = new MemoryStorage("base");
    base.write(0, filled(size, 7));
    MemoryStorage baseImage = convert(Conversion.of(List.of(RawDisks.open(base))), TOY);
    // the child has zeros of its own at 64K, data at 128K
    var changes = new MemoryStorage("changes");
    changes.write(0, filled(size, 7));
    changes.write(65_536, filled(16_384, 0));
    changes.write(131_072, filled(8192, 9));
    Disk changed = RawDisks.open(changes);
    var link = new Blueprint.Backing("base", Optional.of("toy"), Optional.empty());
    Conversion conversion =
        Conversion.of(List.of(new OddDisk(changed, 65_536, 139_264, -1))).backing(link, size, 1);
    if (compressed) {
      conversion.compressed();
    }
    MemoryStorage child = convert(conversion, TOY);
    assertTrue(child.size() <= ToyFormat.mapEnd(size) + 8 * 8192, "size " + child.size());
    assertArrayEquals(changes.toArray(), RawDisks.bytes(toy(child, baseImage)));
  }

  @Test
  void anExistingTargetIsOverwrittenAndZerosToo() throws IOException {
    MemoryStorage source = RawDisks.patchwork(4, 6_000_000);
    for (Existing content : Existing.values()) {
      var target = new MemoryStorage("target");
      target.write(0, filled(7_000_000, content == Existing.ZERO ? 0 : 0xee));
      byte[] expected = target.toArray();
      System.arraycopy(source.toArray(), 0, expected, 0, 6_000_000);
      Conversion.of(List.of(RawDisks.open(source))).into(RawDisks.open(target), content);
      assertArrayEquals(expected, target.toArray());
    }
    Disk small = RawDisks.open(RawDisks.patchwork(1, 1000));
    assertThrows(
        IllegalArgumentException.class,
        () -> Conversion.of(List.of(RawDisks.open(source))).into(small, Existing.UNKNOWN));
  }

  @Test
  void aCancelledConversionLeavesNoFile(@TempDir Path folder) throws IOException {
    Disk disk = RawDisks.open(RawDisks.patchwork(5, 30 << 20));
    var reports = new AtomicLong();
    Progress impatient =
        new Progress() {
          @Override
          public void report(long done, long total) {
            reports.incrementAndGet();
          }

          @Override
          public boolean cancelled() {
            return reports.get() > 2;
          }
        };
    assertThrows(
        CancelledException.class,
        () ->
            Conversion.of(List.of(disk))
                .progress(impatient)
                .toFile(RawDisks.raw(), folder.resolve("x.raw")));
    try (var files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void aFileGetsItsNameWhenItIsComplete(@TempDir Path folder) throws IOException {
    MemoryStorage source = RawDisks.patchwork(6, 3_000_001);
    Path target = folder.resolve("x.raw");
    Files.writeString(target, "old");
    Conversion.of(List.of(RawDisks.open(source))).toFile(RawDisks.raw(), target);
    assertArrayEquals(source.toArray(), Files.readAllBytes(target));
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void aReadErrorEndsTheConversionWithThatError() throws IOException {
    var source = new MemoryStorage("source");
    source.write(0, filled(8 << 20, 1));
    BlockDevice broken = new OddDisk(RawDisks.open(source), 0, 8 << 20, 5_000_000);
    for (boolean compressed : new boolean[] {false, true}) {
      Conversion conversion = Conversion.of(List.of(broken)).threads(3);
      if (compressed) {
        conversion.compressed();
      }
      var failure = assertThrows(IOException.class, () -> convert(conversion, TOY));
      assertEquals("broken at 5000000", failure.getMessage());
    }
  }

  @Test
  void whatWillBeWrittenIsMeasured() throws IOException {
    MemoryStorage source = RawDisks.patchwork(8, 4_000_256);
    Conversion conversion = Conversion.of(List.of(RawDisks.open(source))).deterministic();
    Measure measure = Measure.of(conversion, TOY, "x");
    assertEquals(convert(conversion, TOY).size(), measure.required());
    long whole = (4_000_256 + ToyFormat.BLOCK - 1) & -ToyFormat.BLOCK;
    assertEquals(ToyFormat.mapEnd(4_000_256) + whole, measure.fullyAllocated());
  }

  @Test
  void aHugeSparseDiskTakesNoTime() throws IOException {
    var source = new MemoryStorage("huge");
    source.resize(8L << 40);
    source.write(5L << 40, filled(100_000, 3));
    var target = new MemoryStorage("target");
    Conversion.of(List.of(RawDisks.open(source))).toStorages(RawDisks.raw(), "x", _ -> target);
    assertEquals(source.size(), target.size());
    assertFalse(target.allocated() > 1 << 20);
    assertEquals(
        new Compare.Result.Identical(),
        Compare.of(RawDisks.open(source), RawDisks.open(target)).run());
  }

  @Test
  void rangesAreCutInBlocks() throws IOException {
    MemoryStorage source = RawDisks.patchwork(10, 10_000);
    BlockDevice range = Copy.range(RawDisks.open(source), 512, 2, 3);
    assertArrayEquals(Arrays.copyOfRange(source.toArray(), 1024, 2560), RawDisks.bytes(range));
    assertEquals(10_000 - 9728, Copy.range(RawDisks.open(source), 512, 19, 100).size());
    assertEquals(0, Copy.range(RawDisks.open(source), 512, Long.MAX_VALUE, 1).size());
    assertThrows(IllegalArgumentException.class, () -> Copy.range(RawDisks.open(source), 0, 0, 1));
  }
}
