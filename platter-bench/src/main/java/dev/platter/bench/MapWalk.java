package dev.platter.bench;

import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Extent;
import dev.platter.Formats;
import dev.platter.io.MemoryStorage;
import dev.platter.operation.Conversion;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Walks the map of a disk of 64 MiB of which every second 64 KiB are stored, as fragmented as maps
/// come; and reads 4 KiB through it.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MapWalk {
  private static final long SIZE = 64 << 20;
  private static final int STEP = 128 << 10;

  @Param({"raw", "qcow2", "vdi"})
  private String format;

  private final MemorySegment sector = MemorySegment.ofArray(new byte[4096]);
  private Disk disk;
  private long next;

  @Setup
  public void create() throws IOException {
    var disks = new Disks(Formats.installed());
    var empty = new MemoryStorage("empty");
    empty.resize(SIZE);
    DiskOptions raw = DiskOptions.standard().format(Optional.of("raw"));
    var storage = new MemoryStorage("image");
    try (Disk nothing = disks.open(empty, raw)) {
      Conversion.of(List.of(nothing))
          .options(format.equals("vdi") ? Map.of("block_size", "64k") : Map.of())
          .toStorages(disks.formats().named(format), "image", _ -> storage);
    }
    disk = disks.open(storage, raw.format(Optional.of(format)).writable());
    MemorySegment data = MemorySegment.ofArray("data".repeat(16 << 10).getBytes());
    for (long offset = 0; offset < SIZE; offset += STEP) {
      disk.write(offset, data);
    }
    disk.flush();
  }

  @TearDown
  public void close() throws IOException {
    disk.close();
  }

  @Benchmark
  public long walk() throws IOException {
    long runs = 0;
    for (long at = 0; at < SIZE; runs++) {
      Extent extent = disk.extent(at, SIZE - at);
      at = extent.end();
    }
    return runs;
  }

  @Benchmark
  public void read4k() throws IOException {
    next = (next + 7 * STEP) % SIZE;
    disk.read(next, sector);
  }
}
