package dev.platter.testkit;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import dev.platter.image.Allocation;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A disk that has no data: the source of an empty image, or of one with marks of zeros.
record NoDevice(Allocation allocation) implements BlockDevice {

  @Override
  public long size() {
    return allocation.size();
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public void read(long offset, MemorySegment target) {
    if (allocation.count() == 0) {
      throw new AssertionError("a plan of nothing copies guest bytes at " + offset);
    }
    // a format that has no mark for zeros stores them where they hide a parent
    target.fill((byte) 0);
  }

  @Override
  public void write(long offset, MemorySegment source) {
    throw new AssertionError("a source is written at " + offset);
  }

  @Override
  public void zero(long offset, long length, Room room) {
    throw new AssertionError("a source is zeroed at " + offset);
  }

  @Override
  public void discard(long offset, long length) {
    throw new AssertionError("a source is discarded at " + offset);
  }

  @Override
  public Extent extent(long offset, long length) {
    return new Extent(offset, length, Extent.Kind.HOLE, 0, false, Optional.empty(), -1);
  }

  @Override
  public void flush() {
    // nothing to make durable
  }

  @Override
  public void close() {
    // nothing to close
  }
}
