package dev.platter.format.qcow2;

import dev.platter.image.Mapping;
import java.io.IOException;

/// Finds guest bytes: follows L1 and L2 tables and joins neighbours to runs.
final class QcowMap {
  /// What an L2 entry, or a subcluster of one, says.
  enum Kind {
    UNALLOCATED,
    /// Zeros without a place.
    ZERO,
    /// Zeros with a place that belongs to them alone.
    ZERO_ROOM,
    STORED,
    SHARED,
    ENCODED
  }

  private final QcowTables tables;
  private final QcowDecoder decoder;
  private final long size;
  private final boolean zeroFlag;

  QcowMap(QcowTables tables, QcowDecoder decoder) {
    this.tables = tables;
    this.decoder = decoder;
    this.size = tables.head.header().size();
    this.zeroFlag = tables.head.header().version() > 2;
  }

  /// A stretch of the disk that one entry, or one missing table, speaks of. Made once a walk and
  /// filled again for every step of it.
  static final class Step {
    Kind kind = Kind.UNALLOCATED;

    /// Where the stretch's bytes are, of compressed ones the entry.
    long place;

    long length;

    private void set(Kind newKind, long newPlace, long newLength) {
      kind = newKind;
      place = newPlace;
      length = newLength;
    }

    private boolean continues(Step earlier, long distance) {
      return switch (kind) {
        case UNALLOCATED, ZERO -> kind == earlier.kind;
        case ZERO_ROOM, STORED, SHARED -> kind == earlier.kind && place == earlier.place + distance;
        case ENCODED -> false;
      };
    }
  }

  Mapping map(long offset, long length) throws IOException {
    long limit = Math.min(length, size - offset);
    var first = new Step();
    locate(offset, first);
    long run = first.length;
    if (first.kind != Kind.ENCODED) {
      var next = new Step();
      while (run < limit) {
        locate(offset + run, next);
        if (!next.continues(first, run)) {
          break;
        }
        run += next.length;
      }
    }
    run = Math.min(run, limit);
    return switch (first.kind) {
      case UNALLOCATED -> new Mapping.Unallocated(run);
      case ZERO -> new Mapping.Zero(run);
      case ZERO_ROOM -> new Mapping.Zero(run, first.place);
      case STORED, SHARED -> stored(offset, first, run);
      case ENCODED -> encoded(offset, first.place, run);
    };
  }

  /// A file may end inside its last cluster; what is missing there reads as zeros.
  private Mapping stored(long offset, Step step, long run) throws IOException {
    long end = tables.dataEnd(step.place + run);
    if (step.place >= end) {
      long inCluster = offset & (tables.clusterSize - 1);
      if (!tables.external && step.place - inCluster >= end) {
        throw tables.corrupt(
            "L2 entry "
                + entryName(offset)
                + " puts its cluster at "
                + QcowTables.hex(step.place - inCluster)
                + ", behind the file's end at "
                + QcowTables.hex(end));
      }
      return new Mapping.Zero(Math.min(run, tables.clusterSize - inCluster));
    }
    long there = Math.min(run, end - step.place);
    return step.kind == Kind.STORED
        ? new Mapping.Stored(tables.data, step.place, there)
        : new Mapping.Shared(tables.data, step.place, there);
  }

  private Mapping encoded(long offset, long entry, long run) throws IOException {
    return new Mapping.Encoded(
        run, (int) (offset & (tables.clusterSize - 1)), encodedUnit(offset, entry));
  }

  /// The compressed cluster of an entry.
  Mapping.EncodedUnit encodedUnit(long offset, long entry) throws IOException {
    long position = L2Entry.encodedPosition(entry, tables.clusterBits);
    int stored = L2Entry.encodedLength(entry, tables.clusterBits);
    if (tables.external || position < tables.clusterSize || position >= tables.end(position + 1)) {
      throw tables.corrupt(
          "L2 entry "
              + entryName(offset)
              + " is "
              + QcowTables.hex(entry)
              + (tables.external
                  ? ", a compressed cluster, which an image with a data file cannot have"
                  : ", expected compressed bytes inside the file"));
    }
    return new Mapping.EncodedUnit(
        tables.storage,
        position,
        stored,
        tables.clusterSize,
        (bytes, unit) -> decoder.decode(position, bytes, unit));
  }

  /// What stands at an offset, up to the end of its cluster, or of its L2 table's span if there is
  /// no table, or of the disk if there are no tables at all.
  void locate(long offset, Step step) throws IOException {
    int spanBits = tables.l2Bits + tables.clusterBits;
    long index = offset >>> spanBits;
    if (index >= tables.l1Size()) {
      step.set(Kind.UNALLOCATED, 0, size - offset);
      return;
    }
    long table = tables.l2(index);
    if (table == 0) {
      step.set(Kind.UNALLOCATED, 0, (1L << spanBits) - (offset & (1L << spanBits) - 1));
      return;
    }
    long at = tables.l2Entry(table, offset >>> tables.clusterBits);
    long entry = tables.cache.getLong(at);
    int inCluster = (int) (offset & (tables.clusterSize - 1));
    if (L2Entry.compressed(entry)) {
      step.set(Kind.ENCODED, entry, tables.clusterSize - inCluster);
    } else if (tables.extended) {
      subclusters(offset, inCluster, entry, tables.cache.getLong(at + 8), step);
    } else {
      Kind kind = kind(offset, entry);
      step.set(kind, L2Entry.place(entry) + inCluster, tables.clusterSize - inCluster);
    }
  }

  private Kind kind(long offset, long entry) throws IOException {
    boolean placed = placed(offset, entry);
    if (L2Entry.zero(entry)) {
      if (!zeroFlag) {
        throw bad(offset, entry, "no zero flag in version 2");
      }
      return placed && L2Entry.copied(entry) ? Kind.ZERO_ROOM : Kind.ZERO;
    }
    if (!placed) {
      return Kind.UNALLOCATED;
    }
    return L2Entry.copied(entry) ? Kind.STORED : Kind.SHARED;
  }

  private void subclusters(long offset, int inCluster, long entry, long bitmap, Step step)
      throws IOException {
    boolean placed = placed(offset, entry);
    int allocated = Subclusters.allocated(bitmap);
    int zeros = Subclusters.zeros(bitmap);
    if ((allocated & zeros) != 0 || (allocated != 0 && !placed)) {
      throw bad(
          offset,
          entry,
          "subclusters that are not allocated and zero at once, bitmap " + QcowTables.hex(bitmap));
    }
    int subclusterBits = tables.clusterBits - Subclusters.BITS;
    int sub = inCluster >>> subclusterBits;
    int same;
    Kind kind;
    if ((allocated >>> sub & 1) != 0) {
      same = allocated;
      kind = L2Entry.copied(entry) ? Kind.STORED : Kind.SHARED;
    } else if ((zeros >>> sub & 1) != 0) {
      same = zeros;
      kind = placed && L2Entry.copied(entry) ? Kind.ZERO_ROOM : Kind.ZERO;
    } else {
      same = ~(allocated | zeros);
      kind = Kind.UNALLOCATED;
    }
    int count = Math.min(Integer.numberOfTrailingZeros(~(same >>> sub)), Subclusters.COUNT - sub);
    long length = ((long) (sub + count) << subclusterBits) - inCluster;
    step.set(kind, L2Entry.place(entry) + inCluster, length);
  }

  /// Whether an entry of a standard cluster has a place, which is checked here.
  private boolean placed(long offset, long entry) throws IOException {
    long place = L2Entry.place(entry);
    long mask = tables.clusterSize - 1L;
    if (tables.external) {
      boolean placed = place != 0 || L2Entry.copied(entry);
      if (placed && place != (offset & ~mask)) {
        throw bad(offset, entry, "the cluster's offset on the disk as its place in the data file");
      }
      return placed;
    }
    if ((place & mask) != 0) {
      throw bad(offset, entry, "a place that is a multiple of the cluster size");
    }
    return place != 0;
  }

  private IOException bad(long offset, long entry, String expected) throws IOException {
    return tables.corrupt(
        "L2 entry "
            + entryName(offset)
            + " is "
            + QcowTables.hex(entry)
            + ", expected "
            + expected);
  }

  private String entryName(long offset) throws IOException {
    long cluster = offset >>> tables.clusterBits;
    long index = offset >>> (tables.l2Bits + tables.clusterBits);
    return (cluster & (1L << tables.l2Bits) - 1)
        + " of L1 entry "
        + index
        + " at "
        + QcowTables.hex(tables.l2Entry(tables.l2(index), cluster));
  }
}
