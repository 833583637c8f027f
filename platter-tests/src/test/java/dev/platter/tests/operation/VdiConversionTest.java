package dev.platter.tests.operation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.image.Blueprint;
import dev.platter.image.Claiming;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext;
import dev.platter.image.Options;
import dev.platter.io.MemoryStorage;
import dev.platter.operation.Check;
import dev.platter.operation.Compare;
import dev.platter.operation.Conversion;
import dev.platter.operation.Measure;
import dev.platter.operation.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VdiConversionTest {
  private static final ImageFormat VDI = RawDisks.FORMATS.named("vdi");

  private static Disk open(MemoryStorage storage) throws IOException {
    return new Disks(RawDisks.FORMATS)
        .open(
            storage,
            DiskOptions.standard().format(Optional.of("vdi")).purpose(OpenContext.Purpose.CHECK));
  }

  private static MemoryStorage convert(Conversion conversion, ImageFormat format)
      throws IOException {
    var target = new MemoryStorage("target");
    conversion.toStorages(format, "target", _ -> target);
    return target;
  }

  @ParameterizedTest
  @ValueSource(longs = {512, 1 << 20, 3_000_000, 40_000_000})
  void thereAndBackItIsTheSameDisk(long size) throws IOException {
    MemoryStorage source = RawDisks.patchwork(size, size);
    Conversion there = Conversion.of(List.of(RawDisks.open(source))).deterministic();
    MemoryStorage image = convert(there, VDI);
    assertEquals(Measure.of(there, VDI, "target").required(), image.size());
    Disk disk = open(image);
    assertEquals(new Compare.Result.Identical(), Compare.of(disk, RawDisks.open(source)).run());
    Check.Result check = Check.check((Claiming) disk.top(), Progress.none());
    assertTrue(check.clean(), check.toString());
    MemoryStorage back = convert(Conversion.of(List.of(disk)).size(size), RawDisks.raw());
    assertArrayEquals(source.toArray(), back.toArray());
    var stream = new ByteArrayOutputStream();
    there.toStream(VDI, "target", stream);
    assertArrayEquals(image.toArray(), stream.toByteArray());
  }

  @Test
  void blocksOfStoredZerosTakeNoRoom() throws IOException {
    var source = new MemoryStorage("zeros");
    source.write(0, MemorySegment.ofArray(new byte[5 << 20]));
    source.write(3 << 20, MemorySegment.ofArray(new byte[] {1}));
    Conversion conversion = Conversion.of(List.of(RawDisks.open(source)));
    long empty =
        Measure.ofEmpty(VDI, Blueprint.of(5 << 20, Options.of(VDI, Map.of()), "x")).required();
    assertEquals(empty + (1 << 20), convert(conversion, VDI).size());
  }

  @Test
  void aFixedImageIsWrittenWithoutItsZeros() throws IOException {
    MemoryStorage source = RawDisks.patchwork(77, 10 << 20);
    Conversion conversion =
        Conversion.of(List.of(RawDisks.open(source))).options(Map.of("static", "on"));
    MemoryStorage image = convert(conversion, VDI);
    assertTrue(image.size() > source.size());
    assertEquals(
        new Compare.Result.Identical(), Compare.of(open(image), RawDisks.open(source)).run());
  }
}
