package dev.platter.format.vdi;

import dev.platter.image.Mapping;
import dev.platter.image.Zeroing.Room;
import dev.platter.io.Storage;
import dev.platter.map.FlatMap;
import java.io.IOException;

/// Blocks on their way to a mark.
final class VdiChange {
  private final VdiTables tables;
  private final VdiHeader header;
  private final FlatMap map;
  private final long first;
  private final long end;
  private final long mark;

  /// @param mark the entry that blocks get which have no place
  VdiChange(VdiTables tables, long offset, long length, long mark) {
    this.tables = tables;
    this.header = tables.header();
    this.map = tables.map();
    this.first = offset / header.blockSize();
    this.end = (offset + length + header.blockSize() - 1) / header.blockSize();
    this.mark = mark;
  }

  /// Every block gets the mark; places are given back, whatever gaps that leaves.
  void all() throws IOException {
    for (long block = first; block < end; block++) {
      long present = map.entry(block);
      if (present < VdiHeader.ZERO_ENTRY) {
        tables.places().release(present);
      }
      set(block, present);
    }
  }

  /// Blocks that have no place get the mark where there is a parent to hide or to show, and those
  /// with the last places. The others keep theirs and get zeros there: were they given back, the
  /// places in use would have a gap, and other programs that take the count for the next place
  /// would give one out twice.
  ///
  /// @return whether places were kept that are holes now
  boolean dense(Room room) throws IOException {
    boolean keep = room == Room.KEEP || header.type() == VdiHeader.FIXED;
    long tail = keep ? VdiHeader.ZERO_ENTRY : tables.places().tail(first, end - first);
    boolean kept = false;
    long block = first;
    while (block < end) {
      long run = map.run(block, end - block);
      long present = map.entry(block);
      if (present < tail) {
        run = Math.min(run, tail - present);
        inPlace(block, run * header.blockSize(), room);
        kept = true;
      } else if (present < VdiHeader.ZERO_ENTRY || header.hasParent()) {
        for (long i = 0; i < run; i++) {
          set(block + i, present);
        }
      }
      block += run;
    }
    if (!keep) {
      tables.places().releaseTail(tail);
    }
    return kept && room == Room.RELEASE;
  }

  private void set(long block, long present) throws IOException {
    if (present != mark) {
      tables.mark(block, mark);
    }
  }

  private void inPlace(long block, long length, Room room) throws IOException {
    Storage storage = tables.storage();
    var run = new Mapping.Stored(storage, map.get(block), length);
    Mapping.Stored there = tables.inFile(run, block * header.blockSize());
    if (room == Room.KEEP) {
      storage.zero(there.position(), there.length());
    } else {
      storage.punch(there.position(), there.length());
    }
  }
}
