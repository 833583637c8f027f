package dev.platter.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// Native memory through which bytes of the heap go to the system and come from it.
record Bounce(MemorySegment memory) implements AutoCloseable {
  private static final long SIZE = 256 << 10;
  private static final int KEPT = 16;
  private static final ConcurrentLinkedQueue<Bounce> POOL = new ConcurrentLinkedQueue<>();
  private static final AtomicInteger FREE = new AtomicInteger();

  /// Memory for the caller alone; its content is whatever it was.
  static Bounce take() {
    Bounce free = POOL.poll();
    if (free == null) {
      return new Bounce(Arena.ofAuto().allocate(SIZE, 4096));
    }
    FREE.decrementAndGet();
    return free;
  }

  /// As much of it as is of use for the bytes that are left.
  MemorySegment part(long left) {
    return memory.asSlice(0, Math.min(left, SIZE));
  }

  @Override
  public void close() {
    if (FREE.incrementAndGet() <= KEPT) {
      POOL.add(this);
    } else {
      FREE.decrementAndGet();
    }
  }
}
