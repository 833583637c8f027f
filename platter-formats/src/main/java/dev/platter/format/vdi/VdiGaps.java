package dev.platter.format.vdi;

import dev.platter.io.Storage;
import dev.platter.map.FlatMap;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/// Moves the last blocks into places that no block has, so that the places in use have no gap: a
/// crash between two sectors of the map leaves such gaps.
final class VdiGaps {
  /// Images with more places keep their gaps: 8 MiB of marks are enough.
  private static final int MOST_PLACES = 1 << 26;

  private static final int STEP = 1 << 20;

  private final VdiTables tables;
  private final VdiHeader header;
  private final FlatMap map;
  private final Storage storage;

  VdiGaps(VdiTables tables) {
    this.tables = tables;
    this.header = tables.header();
    this.map = tables.map();
    this.storage = tables.storage();
  }

  /// Closes all gaps. An image with a parent may have some, and one in which places are shared or
  /// missing has to be mended first.
  ///
  /// @return how many blocks were moved
  long close() throws IOException {
    long next = map.highest(0, header.blocks()) + 1;
    boolean whole = next <= MOST_PLACES && header.place(next) <= storage.size();
    if (!whole || header.hasParent()) {
      return 0;
    }
    var taken = new BitSet();
    long blocks = 0;
    for (long block = 0; block < header.blocks(); block++) {
      long place = map.entry(block);
      if (place < next) {
        taken.set((int) place);
        blocks++;
      }
    }
    return taken.cardinality() == blocks && blocks < next ? move(taken, blocks) : 0;
  }

  /// Whatever the map on disk names stays as it is until the map is written.
  private long move(BitSet taken, long places) throws IOException {
    storage.flush();
    long moved = 0;
    int gap = 0;
    for (long block = 0; block < header.blocks(); block++) {
      long place = map.entry(block);
      if (place >= places && place < VdiHeader.ZERO_ENTRY) {
        gap = taken.nextClearBit(gap);
        copy(header.place(place), header.place(gap));
        tables.publish(block, new VdiPlaces.Room(gap, 1, false));
        gap++;
        moved++;
      }
    }
    tables.flush();
    return moved;
  }

  private void copy(long from, long to) throws IOException {
    MemorySegment buffer = MemorySegment.ofArray(new byte[(int) Math.min(STEP, header.stride())]);
    for (long done = 0; done < header.stride(); ) {
      MemorySegment part = buffer.asSlice(0, Math.min(buffer.byteSize(), header.stride() - done));
      storage.read(from + done, part);
      storage.write(to + done, part);
      done += part.byteSize();
    }
  }
}
