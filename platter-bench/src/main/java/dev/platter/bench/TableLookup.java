package dev.platter.bench;

import dev.platter.io.MemoryStorage;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/// Random entries of 16 MiB of tables: from a cache that holds them all, and from one that holds an
/// eighth and reads the others from memory.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TableLookup {
  private static final int TABLES = 16 << 20;
  private final SplittableRandom dice = new SplittableRandom(1);
  private TableCache large;
  private TableCache small;

  @Setup
  public void fill() {
    var storage = new MemoryStorage("tables");
    storage.write(0, MemorySegment.ofArray(new byte[TABLES]));
    large = new TableCache(storage, ByteOrder.BIG_ENDIAN, 0, 16 << 10, TABLES);
    small = new TableCache(storage, ByteOrder.BIG_ENDIAN, 0, 16 << 10, TABLES / 8);
  }

  @Benchmark
  public long cached() throws IOException {
    return large.getLong(dice.nextInt(TABLES / 8) * 8L);
  }

  @Benchmark
  @Threads(2)
  public long cachedByTwo() throws IOException {
    return large.getLong(ThreadLocalRandom.current().nextInt(TABLES / 8) * 8L);
  }

  @Benchmark
  public long mostlyMissed() throws IOException {
    return small.getLong(dice.nextInt(TABLES / 8) * 8L);
  }
}
