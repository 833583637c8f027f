package dev.platter.operation;

import dev.platter.Buffers;
import dev.platter.Disk;
import dev.platter.Extent;
import dev.platter.Zeros;
import dev.platter.image.Image;
import dev.platter.image.Mapping;
import dev.platter.image.Reservation;
import dev.platter.image.Sizes;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/// Makes a disk larger or smaller in place, whatever its format. A crash leaves the old size or the
/// new one; of room that is asked for, some may be missing then.
///
/// @param disk opened for writing, and used by nobody else
/// @param size bytes that the disk shall have
/// @param cut what may be cut off a disk that becomes smaller
/// @param preallocation room for what is new
/// @param progress who hears how far it is
public record Resize(
    Disk disk, long size, Cut cut, Preallocation preallocation, Progress progress) {
  private static final int BUFFER = 1 << 20;
  private static final long STEP = 64L << 20;

  /// What may be cut off.
  public enum Cut {
    /// Nothing: a disk must not become smaller.
    NOTHING,
    /// Zeros.
    ZEROS,
    /// Whatever is there.
    DATA
  }

  /// Room for what is new.
  public enum Preallocation {
    /// None.
    OFF,
    /// Units have their places, which may be holes.
    METADATA,
    /// Places are set aside, so that writing them later cannot fail for want of room.
    FALLOC,
    /// Zeros are written.
    FULL
  }

  /// The size that a word means: bytes with an optional suffix, or `+` or `-` and by how much the
  /// size shall change.
  ///
  /// @param present bytes of the disk
  /// @throws IllegalArgumentException if it means no size that a disk can have
  public static long size(String word, long present) {
    String number = word.strip();
    boolean more = number.startsWith("+");
    boolean less = number.startsWith("-");
    long bytes = Sizes.parse(more || less ? number.substring(1) : number);
    long wanted = more ? present + bytes : less ? present - bytes : bytes;
    if (wanted <= 0) {
      throw new IllegalArgumentException(
          "'" + word + "' makes no size for a disk that has " + present + " bytes");
    }
    return wanted;
  }

  /// Changes the size.
  ///
  /// @throws IllegalArgumentException if something would be cut off that must not be, or the image
  ///   cannot have such a size; nothing has changed then
  public void run() throws IOException {
    long before = disk.size();
    if (size < before) {
      checkCut(before);
    }
    if (preallocation != Preallocation.OFF && size <= before) {
      throw new IllegalArgumentException("room can be preallocated only for a disk that grows");
    }
    if (preallocation == Preallocation.METADATA && disk.top().allocationUnit() == 1) {
      throw new IllegalArgumentException(
          "an image without an allocation table has no metadata to preallocate");
    }
    disk.resize(size);
    switch (preallocation) {
      case OFF -> {}
      case METADATA, FALLOC -> reserve(disk.top(), before);
      case FULL -> fill(before);
    }
    disk.flush();
  }

  private void checkCut(long before) throws IOException {
    String change = "from " + before + " to " + size + " bytes";
    if (cut == Cut.NOTHING) {
      throw new IllegalArgumentException("the disk would become smaller, " + change);
    }
    OptionalLong data = cut == Cut.ZEROS ? firstData(before) : OptionalLong.empty();
    if (data.isPresent()) {
      throw new IllegalArgumentException(
          "making the disk smaller, " + change + ", would cut off data at " + data.getAsLong());
    }
  }

  /// About where the first byte is that is cut off and not zero.
  private OptionalLong firstData(long end) throws IOException {
    var meter = new Meter(progress, end - size);
    try (Buffers.Lease lease = Buffers.lease(BUFFER)) {
      for (long at = size; at < end; ) {
        Extent extent = disk.extent(at, end - at);
        long length = extent.length();
        if (!extent.kind().isZero()) {
          length = Math.min(length, BUFFER);
          MemorySegment bytes = lease.segment().asSlice(0, length);
          disk.read(at, bytes);
          if (!Zeros.allZero(bytes)) {
            return OptionalLong.of(at + Zeros.prefix(bytes));
          }
        }
        at += length;
        meter.done(length);
      }
    }
    return OptionalLong.empty();
  }

  /// Gives places to what has none.
  private void reserve(Image image, long from) throws IOException {
    var meter = new Meter(progress, disk.size() - from);
    for (long at = from; at < disk.size(); ) {
      Mapping found = image.map(at, Math.min(disk.size() - at, STEP));
      if (found instanceof Mapping.Stored(Storage storage, long position, long length)) {
        if (preallocation == Preallocation.FALLOC) {
          storage.allocate(position, length);
        }
        at += length;
        meter.done(length);
      } else {
        Reservation room = image.reserve(at, found.length());
        if (!room.zeroed()) {
          room.storage().zero(room.position(), room.length());
        }
        room.publish();
      }
    }
  }

  private void fill(long from) throws IOException {
    var meter = new Meter(progress, disk.size() - from);
    disk.suppressZeros(false);
    try (Buffers.Lease zeros = Buffers.lease(BUFFER)) {
      zeros.segment().fill((byte) 0);
      for (long at = from; at < disk.size(); ) {
        long length = Math.min(disk.size() - at, BUFFER);
        disk.write(at, zeros.segment().asSlice(0, length));
        at += length;
        meter.done(length);
      }
    }
    disk.suppressZeros(true);
  }
}
