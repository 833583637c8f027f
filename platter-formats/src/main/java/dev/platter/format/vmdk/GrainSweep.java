package dev.platter.format.vmdk;

import dev.platter.format.vmdk.GrainTables.Copy;
import dev.platter.image.Claim;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;

/// Finds grains whose places are not theirs: outside the file, in the metadata, or taken by an
/// earlier grain.
final class GrainSweep {
  /// Sectors whose owners are looked for in one walk over the tables: 32 MiB of marks.
  private static final long WINDOW = 1L << 28;

  private static final int SECTOR = SparseHeader.SECTOR;

  private final SparseExtent extent;
  private final GrainLayout layout;
  private final GrainTables tables;
  private final VmdkClaims claims;
  private final Sink sink;

  /// Takes what is found.
  @FunctionalInterface
  interface Sink {
    /// Says what is wrong with the place of a grain.
    ///
    /// @param why a clause whose subject is the place
    /// @return whether the entry was changed, so that the place is free
    boolean found(long grain, long position, String why) throws IOException;
  }

  GrainSweep(SparseExtent extent, Sink sink) {
    this.extent = extent;
    this.layout = extent.layout();
    this.tables = extent.tables();
    this.claims = new VmdkClaims(extent);
    this.sink = sink;
  }

  void run() throws IOException {
    List<Claim> metadata = claims.metadata();
    long sectors = (extent.storage().size() + SECTOR - 1) / SECTOR;
    for (long first = 0; first == 0 || first < sectors; first += WINDOW) {
      var taken = new BitSet();
      for (Claim claim : metadata) {
        mark(taken, first, claim.position() / SECTOR, (claim.end() + SECTOR - 1) / SECTOR);
      }
      for (long number = 0; number < layout.tables(); number++) {
        long table = tables.tableSector(number, Copy.FIRST);
        if (table != 0 && tables.inFile(table * SECTOR + layout.tableBytes())) {
          look(taken, first, number);
        }
      }
    }
  }

  private void look(BitSet taken, long first, long number) throws IOException {
    long end = Math.min((number + 1) * layout.entries(), layout.grains());
    long grain = number * layout.entries() - 1;
    while (++grain < end) {
      long entry = tables.entry(grain);
      if (entry == 0 || extent.isZeroMark(entry)) {
        grain += tables.count(grain, end - grain, entry, 0) - 1;
        continue;
      }
      if (entry * SECTOR >= extent.storage().size()) {
        if (first == 0) {
          sink.found(grain, entry * SECTOR, "is behind the end of the file");
        }
      } else if (entry >= first && entry < first + WINDOW) {
        take(taken, first, grain, entry);
      }
    }
  }

  private void take(BitSet taken, long first, long grain, long entry) throws IOException {
    long position = entry * SECTOR;
    long end = entry + claims.length(position, 1) / SECTOR;
    int used = taken.nextSetBit((int) (entry - first));
    boolean shared = used >= 0 && used < end - first;
    boolean freed =
        shared && sink.found(grain, position, "belongs to another structure or an earlier grain");
    if (!freed) {
      mark(taken, first, entry, end);
    }
  }

  private static void mark(BitSet taken, long first, long from, long to) {
    long start = Math.max(from - first, 0);
    long end = Math.min(to - first, WINDOW);
    if (start < end) {
      taken.set((int) start, (int) end);
    }
  }
}
