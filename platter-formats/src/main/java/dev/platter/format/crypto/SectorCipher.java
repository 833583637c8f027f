package dev.platter.format.crypto;

import dev.platter.io.Transform;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;

/// AES over sectors: each sector by itself, with a vector that its number makes. Numbers count 512
/// bytes, also where sectors are larger, as dm-crypt counts them.
public final class SectorCipher implements Transform, AutoCloseable {
  private static final int NUMBERED = 512;

  private final CipherSpec spec;
  private final byte[] key;
  private final int unit;
  private final long first;
  private final ConcurrentLinkedQueue<SectorCipherState> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /// A cipher.
  ///
  /// @param key of a length that `spec` takes; copied
  /// @param unit bytes of a sector, a power of two from 512 to 4096
  /// @param first the number of the sector at position 0
  public SectorCipher(CipherSpec spec, byte[] key, int unit, long first) {
    if (!spec.takes(key.length)) {
      throw new IllegalArgumentException(spec + " takes no key of " + key.length + " bytes");
    }
    this.spec = spec;
    this.key = key.clone();
    this.unit = unit;
    this.first = first;
  }

  @Override
  public int unit() {
    return unit;
  }

  @Override
  public void encode(long position, MemorySegment source, MemorySegment target) {
    run(SectorCipherState.Direction.ENCODE, position, source, target);
  }

  @Override
  public void decode(long position, MemorySegment source, MemorySegment target) {
    run(SectorCipherState.Direction.DECODE, position, source, target);
  }

  private void run(
      SectorCipherState.Direction direction,
      long position,
      MemorySegment source,
      MemorySegment target) {
    long length = source.byteSize();
    if ((position | length) % unit != 0) {
      throw new IllegalArgumentException(length + " bytes at " + position + " are not whole units");
    }
    SectorCipherState state = take();
    for (long done = 0; done < length; ) {
      int step = (int) Math.min(length - done, SectorCipherState.BATCH);
      long sector = first + (position + done) / NUMBERED;
      state.run(direction, sector, unit, source.asSlice(done, step), target.asSlice(done, step));
      done += step;
    }
    idle.add(state);
    if (closed) {
      wipe();
    }
  }

  private SectorCipherState take() {
    SectorCipherState state = idle.poll();
    if (state != null) {
      return state;
    }
    if (closed) {
      throw new IllegalStateException("the key is gone");
    }
    return new SectorCipherState(spec, key);
  }

  /// Wipes the key, and the bytes that went through. What the platform's ciphers made of the key is
  /// out of reach and left to the collector.
  @Override
  public void close() {
    closed = true;
    wipe();
  }

  private void wipe() {
    Arrays.fill(key, (byte) 0);
    for (SectorCipherState state = idle.poll(); state != null; state = idle.poll()) {
      state.wipe();
    }
  }

  @Override
  public String toString() {
    return spec.toString();
  }
}
