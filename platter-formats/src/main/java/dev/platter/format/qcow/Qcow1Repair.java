package dev.platter.format.qcow;

import dev.platter.image.Finding;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Storage;
import dev.platter.map.TwoLevelMap;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// Clears entries of what is not there, and gives tables and clusters that share a place with
/// something else, or are in none that is a multiple of a cluster, a copy of their own: what could
/// be read before reads the same afterwards.
final class Qcow1Repair {
  /// Clusters of the file whose owners are looked for in one walk: 8 MiB of marks.
  private static final int WINDOW = 1 << 26;

  /// Copies that are made in one go.
  private static final int MOST_COPIES = 65_536;

  /// Repairs that are told one by one.
  private static final int TOLD = 1000;

  private final Qcow1Tables tables;
  private final Qcow1Header header;
  private final TwoLevelMap map;
  private final Storage storage;
  private final List<Repair> done = new ArrayList<>();
  private final MemorySegment cluster;
  private long untold;
  private long faults;
  private int copies;
  private long end;

  Qcow1Repair(Qcow1Tables tables) {
    this.tables = tables;
    this.header = tables.header();
    this.map = tables.map();
    this.storage = tables.storage();
    this.cluster = MemorySegment.ofArray(new byte[header.clusterSize()]);
  }

  List<Repair> run(Scope scope) throws IOException {
    tables.flush();
    tables.room().restart();
    map.walk(new Senseless(scope));
    if (scope == Scope.LEAKS && faults > 0) {
      return List.of();
    }
    tables.flush();
    long before = storage.size();
    tables.begin();
    var named = new Qcow1End(tables);
    map.walk(named);
    end = header.up(named.position());
    if (scope == Scope.ALL) {
      eachWindow(this::separateTables);
      eachWindow(this::separateClusters);
    }
    if (untold > 0) {
      done.add(
          new Repair(
              Finding.corruption("many more entries name places that are not theirs", ""),
              "mended " + untold + " more"));
    }
    tables.finish();
    long cut = before - storage.size();
    if (cut > 0) {
      done.add(
          new Repair(
              Finding.leak("nothing refers to the file's last " + cut + " bytes"),
              "cut the file to " + storage.size() + " bytes"));
    }
    tables.room().restart();
    return List.copyOf(done);
  }

  private void tell(String what, String why, String action) {
    if (done.size() < TOLD) {
      done.add(new Repair(Finding.corruption(what, why), action));
    } else {
      untold++;
    }
  }

  private static String at(String what, long position, long entry) {
    return what + " at " + position + " is 0x" + Long.toHexString(entry);
  }

  /// Clears entries that name nothing that could be there. Nobody can tell what a table would be
  /// that is in the header, the first table or the parent's name.
  private final class Senseless implements TwoLevelMap.Visitor {
    private final Scope scope;

    private Senseless(Scope scope) {
      this.scope = scope;
    }

    @Override
    public boolean table(long index, long entry) throws IOException {
      boolean fine =
          tables.sensible(entry)
              && tables.inFile(entry)
              && !inHead(entry, Long.BYTES * (long) header.entries());
      if (!fine) {
        clear("L1 entry " + index, map.tablePosition(index), entry);
      }
      return fine;
    }

    @Override
    public void blocks(long block, long count, long entry) throws IOException {
      for (long at = block; at < block + count; at++) {
        long here = map.entry(at);
        boolean fine =
            Qcow1Entry.compressed(here)
                ? Qcow1Entry.encodedLength(here, header.clusterBits()) > 0
                : tables.sensible(here);
        if (!fine || !tables.inFile(tables.position(here))) {
          clear("L2 entry of cluster " + at, map.position(at), here);
        }
      }
    }

    private void clear(String what, long position, long entry) throws IOException {
      faults++;
      if (scope == Scope.ALL) {
        tables.clearEntry(position);
        tell(at(what, position, entry), "there is nothing", "cleared the entry");
      }
    }
  }

  private boolean inHead(long position, long length) {
    return position < Qcow1Header.STRUCT.size()
        || overlap(position, length, header.tablePosition(), header.tableEnd())
        || (header.hasBacking()
            && overlap(
                position,
                length,
                header.backingPosition(),
                header.backingPosition() + header.backingLength()));
  }

  private static boolean overlap(long position, long length, long start, long end) {
    return position < end && start < position + length;
  }

  @FunctionalInterface
  private interface Pass {
    void run(Marks marks) throws IOException;
  }

  private void eachWindow(Pass pass) throws IOException {
    for (long first = 0; first < end >> header.clusterBits(); first += WINDOW) {
      var marks = new Marks(first);
      marks.take(0, Qcow1Header.STRUCT.size());
      marks.take(header.tablePosition(), Long.BYTES * header.tables());
      if (header.hasBacking()) {
        marks.take(header.backingPosition(), header.backingLength());
      }
      pass.run(marks);
    }
    tables.flush();
  }

  /// Which clusters of a part of the file have an owner.
  private final class Marks {
    private final long first;
    private final BitSet taken = new BitSet();

    private Marks(long first) {
      this.first = first;
    }

    private int from(long position) {
      return Math.clamp((position >> header.clusterBits()) - first, 0, WINDOW);
    }

    private int to(long position, long length) {
      return Math.clamp((header.up(position + length) >> header.clusterBits()) - first, 0, WINDOW);
    }

    private boolean free(long position, long length) {
      int next = taken.nextSetBit(from(position));
      return next < 0 || next >= to(position, length);
    }

    private void take(long position, long length) {
      taken.set(from(position), to(position, length));
    }

    /// Takes a place that starts with a cluster and that nobody has.
    private boolean own(long position, long length) {
      boolean own = (position & (header.clusterSize() - 1)) == 0 && free(position, length);
      if (own) {
        take(position, length);
      }
      return own;
    }
  }

  /// Whether a place is one that this repair gave.
  private boolean given(long position) {
    return position >= end;
  }

  private void separateTables(Marks marks) throws IOException {
    long length = Long.BYTES * (long) header.entries();
    map.walk(
        new TablesOnly((index, entry) -> {
          if (!given(entry) && !marks.own(entry, length) && copies < MOST_COPIES) {
            copies++;
            tell(
                at("L1 entry " + index, map.tablePosition(index), entry),
                "a place that something else may have",
                "copied the table");
            tables.moveTable(index);
            tables.relieve();
          }
        }));
  }

  @FunctionalInterface
  private interface TableAction {
    void table(long index, long entry) throws IOException;
  }

  private record TablesOnly(TableAction action) implements TwoLevelMap.Visitor {
    @Override
    public boolean table(long index, long entry) throws IOException {
      action.table(index, entry);
      return false;
    }

    @Override
    public void blocks(long block, long count, long entry) {
      throw new IllegalStateException("entries were not asked for");
    }
  }

  private void separateClusters(Marks marks) throws IOException {
    long length = Long.BYTES * (long) header.entries();
    map.walk(new TablesOnly((_, entry) -> marks.take(entry, length)));
    var packed = new Marks(marks.first);
    eachBlock((block, entry) -> {
      if (Qcow1Entry.compressed(entry)) {
        long position = tables.position(entry);
        int encoded = Qcow1Entry.encodedLength(entry, header.clusterBits());
        packed.take(position, encoded);
      }
    });
    marks.taken.or(packed.taken);
    eachBlock((block, entry) -> {
      if (!Qcow1Entry.compressed(entry)
          && !given(entry)
          && !marks.own(entry, header.clusterSize())
          && copies < MOST_COPIES) {
        copy(block, entry);
      }
    });
  }

  @FunctionalInterface
  private interface BlockAction {
    void block(long block, long entry) throws IOException;
  }

  private void eachBlock(BlockAction action) throws IOException {
    map.walk(
        new TwoLevelMap.Visitor() {
          @Override
          public boolean table(long index, long entry) {
            return true;
          }

          @Override
          public void blocks(long block, long count, long entry) throws IOException {
            for (long at = block; at < block + count; at++) {
              action.block(at, map.entry(at));
            }
          }
        });
  }

  private void copy(long block, long entry) throws IOException {
    copies++;
    tell(
        at("L2 entry of cluster " + block, map.position(block), entry),
        "a place that something else may have",
        "copied the cluster");
    long position = tables.room().take(header.clusterSize());
    storage.read(entry, cluster);
    storage.write(position, cluster);
    tables.set(block, position);
    tables.relieve();
  }
}
