package dev.platter.bench;

import dev.platter.format.crypto.CipherSpec;
import dev.platter.format.crypto.SectorCipher;
import dev.platter.image.ImageException;
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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// How fast sectors are encrypted and decrypted: microseconds for a megabyte.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SectorCiphers {
  @Param({"aes-xts-plain64", "aes-cbc-essiv:sha256"})
  private String mode;

  @Param({"512", "4096"})
  private int sector;

  private final MemorySegment plain = Arena.ofAuto().allocate(1 << 20, 4096);
  private final MemorySegment encrypted = Arena.ofAuto().allocate(1 << 20, 4096);
  private SectorCipher cipher;

  @Setup
  public void makeCipher() throws ImageException {
    CipherSpec spec = CipherSpec.parse("benchmark", mode);
    cipher = new SectorCipher(spec, new byte[spec.keyBytes(256)], sector, 0);
  }

  @Benchmark
  public MemorySegment encode() {
    cipher.encode(0, plain, encrypted);
    return encrypted;
  }

  @Benchmark
  public MemorySegment decode() {
    cipher.decode(0, encrypted, plain);
    return plain;
  }
}
