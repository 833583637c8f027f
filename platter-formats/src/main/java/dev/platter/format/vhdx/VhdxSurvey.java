package dev.platter.format.vhdx;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Reads the whole table as it is on disk, without keeping it: a disk of 64 TiB can have 512 MiB of
/// entries, most of which say nothing.
final class VhdxSurvey {
  private static final ValueLayout.OfLong ENTRY =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int WINDOW = 1 << 16;

  private final VhdxFile file;
  private final VhdxDisk disk;
  private final long[] entries = new long[WINDOW];
  private final MemorySegment bytes = MemorySegment.ofArray(entries);

  VhdxSurvey(VhdxFile file) {
    this.file = file;
    this.disk = file.disk();
  }

  /// Takes an entry that has a place, or a state that needs one.
  interface Visitor {
    /// The entry of a block.
    void block(long block, long entry) throws IOException;

    /// The entry of a chunk's sector bitmap, in a child.
    void bitmap(long chunk, long entry) throws IOException;
  }

  /// Hands over what has a place, in the order of the table.
  void walk(Visitor visitor) throws IOException {
    long count = disk.entries();
    for (long first = 0; first < count; first += WINDOW) {
      int here = (int) Math.min(WINDOW, count - first);
      read(file.bat().offset() + Long.BYTES * first, Long.BYTES * (long) here);
      for (int at = 0; at < here; at++) {
        long entry = bytes.getAtIndex(ENTRY, at);
        if (entry < 0 || entry > VhdxTables.OLD_UNMAPPED) {
          hand(first + at, entry, visitor);
        }
      }
    }
  }

  private void read(long position, long length) throws IOException {
    long there = Math.clamp(file.view().size() - position, 0, length);
    file.view().read(position, bytes.asSlice(0, there));
    bytes.asSlice(there, length - there).fill((byte) 0);
  }

  private void hand(long index, long entry, Visitor visitor) throws IOException {
    long chunk = index / (disk.chunkBlocks() + 1);
    long inChunk = index % (disk.chunkBlocks() + 1);
    long block = chunk * disk.chunkBlocks() + inChunk;
    if (inChunk < disk.chunkBlocks()) {
      if (block < disk.blocks()) {
        visitor.block(block, entry);
      }
    } else if (disk.hasParent()) {
      visitor.bitmap(chunk, entry);
    }
  }
}
