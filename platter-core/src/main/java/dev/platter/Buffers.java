package dev.platter;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/// Native memory for bytes on their way, used again and again.
///
/// Buffers of up to a megabyte come from a small pool; larger ones are made for the occasion.
public final class Buffers {
  private static final int POOLED = 1 << 20;
  private static final int KEPT = 16;
  private static final ConcurrentLinkedDeque<MemorySegment> POOL = new ConcurrentLinkedDeque<>();
  private static final AtomicInteger POOL_SIZE = new AtomicInteger();

  private Buffers() {}

  /// A buffer of at least `size` bytes, whose content is whatever it was; aligned to a page.
  public static Lease lease(long size) {
    if (size > POOLED) {
      Arena arena = Arena.ofShared();
      return new Lease(arena.allocate(size, 4096), arena::close);
    }
    MemorySegment pooled = POOL.pollFirst();
    if (pooled == null) {
      pooled = Arena.ofAuto().allocate(POOLED, 4096);
    } else {
      POOL_SIZE.decrementAndGet();
    }
    MemorySegment segment = pooled;
    return new Lease(segment.asSlice(0, size), () -> giveBack(segment));
  }

  private static void giveBack(MemorySegment segment) {
    if (POOL_SIZE.incrementAndGet() <= KEPT) {
      POOL.addFirst(segment);
    } else {
      POOL_SIZE.decrementAndGet();
    }
  }

  /// A buffer in use.
  ///
  /// @param segment the memory; not to be touched after [#close]
  /// @param done what gives it back
  public record Lease(MemorySegment segment, Runnable done) implements AutoCloseable {
    @Override
    public void close() {
      done.run();
    }
  }
}
