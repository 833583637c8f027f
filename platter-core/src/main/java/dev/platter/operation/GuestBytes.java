package dev.platter.operation;

import dev.platter.BlockDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A disk's bytes, with zeros behind its end, where the last unit of an image may still have room.
final class GuestBytes {
  private final BlockDevice disk;

  GuestBytes(BlockDevice disk) {
    this.disk = disk;
  }

  void read(long offset, MemorySegment target) throws IOException {
    long there = Math.clamp(disk.size() - offset, 0, target.byteSize());
    if (there > 0) {
      disk.read(offset, target.asSlice(0, there));
    }
    if (there < target.byteSize()) {
      target.asSlice(there).fill((byte) 0);
    }
  }
}
