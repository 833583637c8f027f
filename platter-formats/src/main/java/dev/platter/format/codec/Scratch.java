package dev.platter.format.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Native memory for native code that is handed segments of the heap; grows, and is used again.
final class Scratch implements AutoCloseable {
  private final Slot in = new Slot();
  private final Slot out = new Slot();

  private static final class Slot {
    private Arena arena = Arena.ofShared();
    private MemorySegment memory = MemorySegment.NULL;

    private MemorySegment of(long size) {
      if (memory.byteSize() < size) {
        arena.close();
        arena = Arena.ofShared();
        memory = arena.allocate(size);
      }
      return memory.asSlice(0, size);
    }
  }

  /// The same bytes in native memory.
  MemorySegment input(MemorySegment bytes) {
    return bytes.isNative() ? bytes : in.of(bytes.byteSize()).copyFrom(bytes);
  }

  /// Native memory to be filled in place of `target`.
  MemorySegment output(MemorySegment target) {
    return target.isNative() ? target : out.of(target.byteSize());
  }

  /// Brings what was written to where it belongs.
  void deliver(MemorySegment written, MemorySegment target, long length) {
    if (!target.isNative()) {
      target.asSlice(0, length).copyFrom(written.asSlice(0, length));
    }
  }

  @Override
  public void close() {
    in.arena.close();
    out.arena.close();
  }
}
