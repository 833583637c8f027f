package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.Extent;
import dev.platter.image.ReadOnlyException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The upper images of a chain as a disk that is only read. A run of which they say nothing is as
/// deep as the image below them; one that lies behind the end of a shorter image between them is
/// zeros, whatever stands below.
///
/// @param disk the upper images alone
record Overlays(Disk disk) implements BlockDevice {

  @Override
  public long size() {
    return disk.size();
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    disk.read(offset, target);
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    Extent found = disk.extent(offset, length);
    int images = disk.layers().size();
    if (found.kind() != Extent.Kind.HOLE || found.depth() < images - 1) {
      return found;
    }
    return new Extent(
        offset, found.length(), Extent.Kind.HOLE, images, false, found.storage(), found.position());
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    throw readOnly();
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    throw readOnly();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    throw readOnly();
  }

  private static IOException readOnly() {
    return new ReadOnlyException("images above others", "are only read");
  }

  @Override
  public void flush() {
    // nothing is ever written
  }

  @Override
  public void close() {
    // the chain has the images
  }
}
