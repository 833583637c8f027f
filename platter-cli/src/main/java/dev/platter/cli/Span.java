package dev.platter.cli;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A range of a disk as a disk of its own, that is written.
///
/// @param disk the whole; closed by whoever opened it
/// @param start where the range starts
/// @param size bytes of the range
record Span(BlockDevice disk, long start, long size) implements BlockDevice {

  @Override
  public boolean writable() {
    return disk.writable();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    Objects.checkFromIndexSize(offset, target.byteSize(), size);
    disk.read(start + offset, target);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    Objects.checkFromIndexSize(offset, source.byteSize(), size);
    disk.write(start + offset, source);
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    Objects.checkFromIndexSize(offset, length, size);
    disk.zero(start + offset, length, room);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    Objects.checkFromIndexSize(offset, length, size);
    disk.discard(start + offset, length);
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    Objects.checkFromIndexSize(offset, length, size);
    Extent whole = disk.extent(start + offset, length);
    return new Extent(
        offset,
        whole.length(),
        whole.kind(),
        whole.depth(),
        whole.encoded(),
        whole.storage(),
        whole.position());
  }

  @Override
  public void flush() throws IOException {
    disk.flush();
  }

  @Override
  public void close() {
    // the whole is not ours
  }
}
