package dev.platter.cli;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A disk whose unreadable sectors read as zeros (`--salvage`).
final class Salvage implements BlockDevice {
  private static final int SECTOR = 512;
  private final BlockDevice disk;
  private final Console console;

  Salvage(BlockDevice disk, Console console) {
    this.disk = disk;
    this.console = console;
  }

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
    try {
      disk.read(offset, target);
    } catch (IOException _) {
      bySector(offset, target);
    }
  }

  private void bySector(long offset, MemorySegment target) {
    for (long at = 0; at < target.byteSize(); at += SECTOR) {
      MemorySegment sector = target.asSlice(at, Math.min(SECTOR, target.byteSize() - at));
      try {
        disk.read(offset + at, sector);
      } catch (IOException e) {
        sector.fill((byte) 0);
        console.complain(
            "warning: offset " + (offset + at) + " is taken for zeros: " + e.getMessage());
      }
    }
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    return disk.extent(offset, length);
  }

  @Override
  public void write(long offset, MemorySegment source) {
    throw new UnsupportedOperationException("a source is only read");
  }

  @Override
  public void zero(long offset, long length, Room room) {
    throw new UnsupportedOperationException("a source is only read");
  }

  @Override
  public void discard(long offset, long length) {
    throw new UnsupportedOperationException("a source is only read");
  }

  @Override
  public void flush() {
    // nothing is ever changed
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }
}
