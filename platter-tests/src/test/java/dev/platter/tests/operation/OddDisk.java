package dev.platter.tests.operation;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import dev.platter.image.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A disk that is all data, of its own in one range and of its parent elsewhere, and cannot read
/// one byte.
///
/// @param whole has the bytes
/// @param start where the top image's bytes start
/// @param end where they end
/// @param broken the byte that cannot be read, -1 for none
record OddDisk(BlockDevice whole, long start, long end, long broken) implements BlockDevice {
  @Override
  public Extent extent(long offset, long length) {
    boolean own = offset >= start && offset < end;
    long stop = offset < start ? start : own ? end : size();
    return new Extent(
        offset,
        Math.min(length, stop - offset),
        Extent.Kind.DATA,
        own ? 0 : 1,
        false,
        Optional.empty(),
        Mapping.NOWHERE);
  }

  @Override
  public long size() {
    return whole.size();
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    if (broken >= offset && broken < offset + target.byteSize()) {
      throw new IOException("broken at " + broken);
    }
    whole.read(offset, target);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    throw new IOException("never written");
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    throw new IOException("never written");
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    throw new IOException("never written");
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
