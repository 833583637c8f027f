package dev.platter.format.vmdk;

import dev.platter.format.vmdk.GrainTables.Copy;
import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import java.io.IOException;

/// What of an extent's file is named, found out before the first change. The tables alone know: who
/// takes the file's end for it gives a place twice that a table names behind the end.
final class GrainRoom {
  private static final int SECTOR = SparseHeader.SECTOR;

  private final SparseExtent extent;
  private final GrainLayout layout;
  private final GrainTables tables;
  private final Storage storage;
  private boolean cutShort;

  GrainRoom(SparseExtent extent) {
    this.extent = extent;
    this.layout = extent.layout();
    this.tables = extent.tables();
    this.storage = extent.storage();
  }

  /// Where nothing is named from on.
  ///
  /// @throws ImageException.Corrupt if a table names what is not in the file
  long end() throws IOException {
    long end = end(Copy.FIRST, layout.overhead() < 1L << 32 ? layout.overhead() * SECTOR : 0);
    if (tables.mirrored()) {
      end = end(Copy.SECOND, end);
    }
    end = Math.max(end, extent.head().descriptorEnd());
    long highest = -1;
    for (long number = 0; number < layout.tables(); number++) {
      highest = Math.max(highest, tables.highest(number));
    }
    if (highest > SparseExtent.ZERO_MARK) {
      long start = highest * SECTOR;
      if (start >= storage.size()) {
        throw new ImageException.Corrupt(
            storage.name(),
            "a grain table names position "
                + start
                + ", and the file ends at "
                + storage.size()
                + "; repair it before it is written");
      }
      cutShort = start + layout.grainSize() > storage.size();
      end = Math.max(end, start + layout.grainSize());
    }
    return end;
  }

  /// Whether the last grain's end is not in the file.
  boolean cutShort() {
    return cutShort;
  }

  private long end(Copy copy, long least) throws IOException {
    long end = Math.max(least, tables.directory(copy) + layout.directoryBytes());
    for (long number = 0; number < layout.tables(); number++) {
      long table = tables.table(number, copy);
      end = table == 0 ? end : Math.max(end, table + layout.tableBytes());
    }
    return end;
  }

  /// Makes both sets of tables the same. They may differ where a crash was; what readers saw since
  /// then is in the first.
  void agree() throws IOException {
    if (!tables.mirrored()) {
      return;
    }
    boolean changed = false;
    for (long number = 0; number < layout.tables(); number++) {
      changed |= agree(number);
    }
    if (changed) {
      tables.flush();
    }
  }

  private boolean agree(long number) throws IOException {
    if (tables.table(number, Copy.SECOND) == 0) {
      return false;
    }
    boolean changed = false;
    long first = number * layout.entries();
    long count = Math.min(layout.entries(), layout.grains() - first);
    for (long grain = first; grain < first + count; ) {
      long same = tables.agreeing(grain, first + count - grain);
      if (same == 0) {
        if (!extent.dirty()) {
          throw new ImageException.Corrupt(
              storage.name(),
              "the two entries of grain "
                  + grain
                  + " differ although the file was closed properly; repair it before it is"
                  + " written");
        }
        tables.setSecond(grain, tables.entry(grain));
        changed = true;
      }
      grain += Math.max(same, 1);
    }
    return changed;
  }
}
