package dev.platter.testkit;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A disk of nothing but a size, that is never asked for bytes: the source of an empty image.
record NoDevice(long size) implements BlockDevice {

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public void read(long offset, MemorySegment target) {
    throw new AssertionError("a plan of nothing copies guest bytes at " + offset);
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
