package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import dev.platter.io.Storage;
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

  /// Copies as much as one storage can hand to the other without this process: where the run is
  /// stored as it is.
  ///
  /// @return bytes copied, 0 if it must be read
  long copyTo(long offset, long length, Storage target, long position) throws IOException {
    if (offset >= disk.size()) {
      return 0;
    }
    Extent extent = disk.extent(offset, Math.min(length, disk.size() - offset));
    return extent.kind() == Extent.Kind.DATA && !extent.encoded() && extent.storage().isPresent()
        ? extent.storage().get().copyTo(extent.position(), target, position, extent.length())
        : 0;
  }
}
