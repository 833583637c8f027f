package dev.platter;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A raw disk whose format nobody said. A guest could write the header of another format into it,
/// and whoever probes the file next would follow what that header says; such writes are refused.
///
/// Formats look for their marks at the start and at the end of a file only, so that is where writes
/// are looked at.
public final class GuessedRaw implements BlockDevice {
  private static final long LOOKED_AT = 1 << 20;
  private final Disk disk;
  private final Storage storage;
  private final Formats formats;

  private GuessedRaw(Disk disk, Formats formats) {
    this.disk = disk;
    this.storage = disk.top().storages().getFirst();
    this.formats = formats;
  }

  /// Guards a disk that was opened without saying its format.
  ///
  /// @return the disk itself if it is not raw
  public static BlockDevice guard(Disk disk, Formats formats) {
    return disk.layers().getFirst().formatName().equals("raw")
        ? new GuessedRaw(disk, formats)
        : disk;
  }

  @Override
  public long size() {
    return disk.size();
  }

  @Override
  public boolean writable() {
    return disk.writable();
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    disk.read(offset, target);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    if (offset < LOOKED_AT || offset + source.byteSize() > size() - LOOKED_AT) {
      check(offset, source);
    }
    disk.write(offset, source);
  }

  private void check(long offset, MemorySegment source) throws IOException {
    String found;
    try {
      found = formats.probe(new Overwritten(storage, offset, source)).name();
    } catch (ImageException _) {
      found = "an image of another format";
    }
    if (!found.equals("raw")) {
      throw new ImageException.Unrecognized(
          storage.name(),
          "is taken for a raw disk because it looks like nothing else; a write of "
              + source.byteSize()
              + " bytes at offset "
              + offset
              + " would make it look like "
              + found
              + "; say the format (-f raw) to allow it");
    }
  }

  /// Not looked at: no format has a mark of zeros.
  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    disk.zero(offset, length, room);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    disk.discard(offset, length);
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    return disk.extent(offset, length);
  }

  @Override
  public void flush() throws IOException {
    disk.flush();
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }
}
