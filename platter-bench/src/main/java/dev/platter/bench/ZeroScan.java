package dev.platter.bench;

import dev.platter.Zeros;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// How fast zeros are told from data: nanoseconds for a buffer that is all zeros, the worst case.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ZeroScan {
  @Param({"4096", "65536", "1048576"})
  private int size;

  private final MemorySegment zeros = Arena.ofAuto().allocate(1 << 20, 4096);

  @Benchmark
  public boolean allZero() {
    return Zeros.allZero(zeros.asSlice(0, size));
  }

  @Benchmark
  public long mismatchWithZeros() {
    return zeros.asSlice(0, size).mismatch(Zeros.segment().asSlice(0, size));
  }
}
