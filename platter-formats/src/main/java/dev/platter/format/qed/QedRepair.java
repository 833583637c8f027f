package dev.platter.format.qed;

import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Storage;
import dev.platter.map.TwoLevelMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// Clears entries that make no sense, and all but the first of those that name the same place.
final class QedRepair {
  /// Clusters of the file whose owners are looked for in one walk: 8 MiB of marks.
  private static final int WINDOW = 1 << 26;

  /// Repairs that are told one by one.
  private static final int TOLD = 1000;

  private final QedTables tables;
  private final QedHeader header;
  private final TwoLevelMap map;
  private final Storage storage;
  private final List<Repair> done = new ArrayList<>();
  private long untold;
  private long faults;

  QedRepair(QedTables tables) {
    this.tables = tables;
    this.header = tables.header();
    this.map = tables.map();
    this.storage = tables.storage();
  }

  /// Takes the place of the check that an image needs which was not closed: what a crash can have
  /// left is cleared.
  ///
  /// @throws ImageException.Corrupt if places are named twice, which is for the user to decide
  void beforeWriting() throws IOException {
    eachTwice(Scope.LEAKS);
    if (faults > 0) {
      throw new ImageException.Corrupt(
          storage.name(),
          "was not closed, and "
              + faults
              + " entries name places that others have, so it is not written before a repair");
    }
    run(Scope.ALL);
  }

  List<Repair> run(Scope scope) throws IOException {
    faults = 0;
    boolean unclosed = tables.needsCheck();
    clearSenseless(scope);
    eachTwice(scope);
    if (untold > 0) {
      done.add(
          new Repair(
              Finding.corruption("many more entries name places that are not theirs", ""),
              "cleared " + untold + " more"));
    }
    tables.flush();
    if (faults == 0 || scope == Scope.ALL) {
      settle(unclosed);
    }
    return List.copyOf(done);
  }

  private void settle(boolean unclosed) throws IOException {
    tables.restart();
    long end = new QedCheck(tables).end();
    long size = storage.size();
    if (size > end) {
      done.add(
          new Repair(
              Finding.leak("nothing refers to the file's last " + (size - end) + " bytes"),
              "cut the file to " + end + " bytes"));
    }
    if (size != end) {
      storage.resize(end);
      storage.flush();
    }
    tables.restart();
    tables.writeFeatures(tables.features() & ~QedHeader.NEED_CHECK);
    storage.flush();
    if (unclosed) {
      done.add(new Repair(QedCheck.notClosed(), "took back the mark"));
    }
  }

  private void clearSenseless(Scope scope) throws IOException {
    new QedCheck(tables)
        .senseless((position, _, finding) -> {
          faults++;
          if (scope == Scope.ALL) {
            clear(position, finding);
          }
        });
  }

  private void clear(long position, Finding finding) throws IOException {
    tables.clearEntry(position);
    if (done.size() < TOLD) {
      done.add(new Repair(finding, "cleared the entry"));
    } else {
      untold++;
    }
  }

  private void eachTwice(Scope scope) throws IOException {
    long clusters = (storage.size() + header.clusterSize() - 1) / header.clusterSize();
    for (long first = 0; first < clusters; first += WINDOW) {
      var window = new Window(first, scope);
      window.mark(0, header.headerSize());
      window.mark(header.tablePosition() / header.clusterSize(), header.tableSize());
      map.walk(window.tables());
      map.walk(window);
    }
  }

  /// Marks clusters of the file that have an owner. Tables come first: a cluster of guest data can
  /// be lost alone.
  private final class Window implements TwoLevelMap.Visitor {
    private final long first;
    private final Scope scope;
    private final BitSet taken = new BitSet();

    private Window(long first, Scope scope) {
      this.first = first;
      this.scope = scope;
    }

    /// Marks clusters.
    ///
    /// @return whether none of them had a mark
    private boolean mark(long cluster, long count) {
      long from = Math.clamp(cluster - first, 0, WINDOW);
      long to = Math.clamp(cluster + count - first, 0, WINDOW);
      int next = taken.nextSetBit((int) from);
      boolean free = next < 0 || next >= to;
      if (free) {
        taken.set((int) from, (int) to);
      }
      return free;
    }

    private TwoLevelMap.Visitor tables() {
      return new TwoLevelMap.Visitor() {
        @Override
        public boolean table(long index, long entry) throws IOException {
          boolean known = tables.isTable(entry);
          if (known && !mark(entry / header.clusterSize(), header.tableSize())) {
            twice("L1 entry " + index, map.tablePosition(index), entry);
          }
          return false;
        }

        @Override
        public void blocks(long block, long count, long entry) {
          throw new IllegalStateException(storage.name() + ": entries were not asked for");
        }
      };
    }

    @Override
    public boolean table(long index, long entry) throws IOException {
      return tables.isTable(entry);
    }

    @Override
    public void blocks(long block, long count, long entry) throws IOException {
      for (long at = block; at < block + count; at++) {
        long place = map.entry(at);
        if (place > QedTables.ZERO
            && tables.isPlace(place)
            && !mark(place / header.clusterSize(), 1)) {
          twice("L2 entry of cluster " + at, map.position(at), place);
        }
      }
    }

    private void twice(String what, long position, long entry) throws IOException {
      faults++;
      if (scope == Scope.ALL) {
        String where = what + " at " + position + " is 0x" + Long.toHexString(entry);
        clear(
            position,
            Finding.corruption(
                where + ", a place that belongs to something else",
                "what was there cannot be told from what is there now"));
      }
    }
  }
}
