package dev.platter.cli;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A disk whose unreadable sectors read as zeros (`--salvage`).
final class Salvage implements BlockDevice {
  private static final int SECTOR = 512;

  /// Bytes that are tried together where nothing is known.
  private static final int UNIT = 1 << 16;

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
    long lost = -1;
    String why = "";
    for (long at = 0; at < target.byteSize(); at += SECTOR) {
      MemorySegment sector = target.asSlice(at, Math.min(SECTOR, target.byteSize() - at));
      Optional<String> failure = readSector(offset + at, sector);
      if (lost >= 0 && failure.isEmpty()) {
        tell(offset + lost, offset + at, why);
        lost = -1;
      }
      if (lost < 0 && failure.isPresent()) {
        lost = at;
        why = failure.get();
      }
    }
    if (lost >= 0) {
      tell(offset + lost, offset + target.byteSize(), why);
    }
  }

  /// Reads a sector; says why if it is taken for zeros.
  private Optional<String> readSector(long offset, MemorySegment sector) {
    try {
      disk.read(offset, sector);
      return Optional.empty();
    } catch (IOException e) {
      sector.fill((byte) 0);
      return Optional.of(Failure.of(e).sentence());
    }
  }

  private void tell(long start, long end, String why) {
    console.complain(
        "warning: " + (end - start) + " bytes at " + start + " are taken for zeros: " + why);
  }

  /// Where the map cannot be read it is not known what there is, so reading is tried.
  @Override
  public Extent extent(long offset, long length) {
    try {
      return disk.extent(offset, length);
    } catch (IOException _) {
      long unit = Math.min(UNIT - offset % UNIT, length);
      return new Extent(offset, unit, Extent.Kind.DATA, 0, false, Optional.empty(), -1);
    }
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
