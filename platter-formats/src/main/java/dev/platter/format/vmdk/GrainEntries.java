package dev.platter.format.vmdk;

import dev.platter.image.Allocation;
import dev.platter.image.Plan.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/// The entries of the tables of a new extent, computed where they are asked for: grains stand in
/// the order of the disk.
///
/// @param grains runs of whole grains
/// @param room the grains that have a place
/// @param data the sector of the first grain
/// @param grainSize bytes
/// @param marks whether zeros are marks
record GrainEntries(Allocation grains, Allocation room, long data, int grainSize, boolean marks) {
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// An extent's part of the runs, counted from its start.
  ///
  /// @param start where the extent starts on the disk
  static Allocation slice(VmdkOptions options, Allocation allocation, long start, long length) {
    var runs = new Allocation.Builder();
    for (int run = allocation.runAfter(start); run < allocation.count(); run++) {
      long from = Math.max(allocation.start(run), start) - start;
      long to = Math.min(allocation.end(run) - start, length);
      if (from >= to) {
        break;
      }
      if (!allocation.isZero(run)) {
        runs.data(from, to - from);
      } else if (options.child()) {
        runs.zero(from, to - from);
      }
    }
    return runs.build(length);
  }

  /// What takes room: data, and zeros that hide the parent where there is no mark for them.
  static Allocation room(Allocation grains, boolean marks) {
    var runs = new Allocation.Builder();
    for (int run = 0; run < grains.count(); run++) {
      if (!grains.isZero(run) || !marks) {
        runs.data(grains.start(run), grains.end(run) - grains.start(run));
      }
    }
    return runs.build(grains.size());
  }

  /// The pieces with the disk's bytes.
  ///
  /// @param start where the extent starts on the disk
  void guest(List<Piece> pieces, long start) {
    int roomRun = 0;
    for (int run = 0; run < grains.count(); run++) {
      if (grains.isZero(run)) {
        continue;
      }
      long from = grains.start(run);
      while (room.end(roomRun) <= from) {
        roomRun++;
      }
      long position = data * SECTOR + room.dataBefore(roomRun) + from - room.start(roomRun);
      pieces.add(new Piece.Guest(position, grains.end(run) - from, start + from));
    }
  }

  /// Fills in the entries of the grains from one on.
  void fill(long first, MemorySegment target) {
    long end = first + target.byteSize() / 4;
    for (int run = grains.runAfter(first * grainSize); marks && run < grains.count(); run++) {
      long from = Math.max(grains.start(run) / grainSize, first);
      long to = Math.min(grain(grains.end(run)), end);
      if (from >= to) {
        break;
      }
      for (long grain = from; grain < to && grains.isZero(run); grain++) {
        target.set(INT, 4 * (grain - first), (int) SparseExtent.ZERO_MARK);
      }
    }
    for (int run = room.runAfter(first * grainSize); run < room.count(); run++) {
      long from = Math.max(room.start(run) / grainSize, first);
      long to = Math.min(grain(room.end(run)), end);
      if (from >= to) {
        break;
      }
      long before = room.dataBefore(run) + from * grainSize - room.start(run);
      long sector = data + before / SECTOR;
      for (long grain = from; grain < to; grain++, sector += grainSize / SECTOR) {
        target.set(INT, 4 * (grain - first), (int) sector);
      }
    }
  }

  private long grain(long end) {
    return (end + grainSize - 1) / grainSize;
  }
}
