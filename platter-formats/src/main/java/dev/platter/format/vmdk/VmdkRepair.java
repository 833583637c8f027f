package dev.platter.format.vmdk;

import dev.platter.format.vmdk.GrainTables.Copy;
import dev.platter.format.vmdk.VmdkOpening.Part;
import dev.platter.image.Claim;
import dev.platter.image.Finding;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Mends the tables of a sparse extent from the two sets that there are.
///
/// What readers see is in the first set, so it wins wherever it makes sense. Of two grains in one
/// place the first keeps it, since nobody can tell whose bytes are there.
final class VmdkRepair {
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final int TOLD = 1000;

  private final SparseExtent extent;
  private final GrainTables tables;
  private final GrainLayout layout;
  private final Storage storage;
  private final VmdkCheck check;
  private final List<Repair> done;

  private VmdkRepair(SparseExtent extent, List<Repair> done) {
    this.extent = extent;
    this.tables = extent.tables();
    this.layout = extent.layout();
    this.storage = extent.storage();
    this.check = new VmdkCheck(extent);
    this.done = done;
  }

  /// Mends all extents that can be written.
  static List<Repair> repair(List<Part> parts, Scope scope) throws IOException {
    List<Repair> done = new ArrayList<>();
    for (Part part : parts) {
      boolean rw = part.line().access() == ExtentLine.Access.RW;
      if (rw && part.extent().opened() instanceof SparseExtent extent && !extent.compressed()) {
        new VmdkRepair(extent, done).repair(scope);
      }
    }
    return List.copyOf(done);
  }

  private void repair(Scope scope) throws IOException {
    if (scope == Scope.ALL) {
      extent.mark(1);
      restoreTables();
      clearMisplaced();
      agree();
      tables.flush();
    }
    cut();
    if (scope == Scope.ALL) {
      extent.mark(0);
    }
  }

  private void say(Finding finding, String action) {
    if (done.size() < TOLD) {
      done.add(new Repair(finding, action));
    } else if (done.size() == TOLD) {
      done.add(new Repair(Finding.corruption("there is more of this", ""), "mended it all"));
    }
  }

  /// A table that one directory has lost is copied from the other.
  private void restoreTables() throws IOException {
    for (long number = 0; number < layout.tables(); number++) {
      restore(number, Copy.FIRST, Copy.SECOND);
      if (tables.mirrored()) {
        restore(number, Copy.SECOND, Copy.FIRST);
      }
    }
  }

  private void restore(long number, Copy lost, Copy other) throws IOException {
    if (check.inFile(number, lost)) {
      return;
    }
    Finding finding = check.lostTable(number, lost);
    boolean there = tables.mirrored() && check.inFile(number, other);
    long from = there ? tables.table(number, other) : 0;
    if (from == 0) {
      tables.pointTable(number, lost, 0);
      say(finding, "cleared the entry");
      return;
    }
    MemorySegment table = MemorySegment.ofArray(new byte[layout.tableBytes()]);
    storage.read(from, table);
    long place = (storage.size() + SECTOR - 1) & -SECTOR;
    storage.write(place, table);
    tables.pointTable(number, lost, place);
    say(finding, "copied the other table to " + place);
  }

  /// An entry that names what is not its own is that of the other set, or none.
  private void clearMisplaced() throws IOException {
    new GrainSweep(
            extent,
            (grain, position, why) -> {
              Finding finding = check.misplaced(grain, position, why);
              long other = tables.mirrored() ? tables.entry(grain, Copy.SECOND) : 0;
              boolean better = other != position / SECTOR && inFile(other);
              tables.set(grain, better ? other : 0);
              say(finding, better ? "took the redundant entry" : "cleared the entry");
              return true;
            })
        .run();
    // what came from the other set may be wrong, too
    new GrainSweep(
            extent,
            (grain, position, why) -> {
              Finding finding = check.misplaced(grain, position, why);
              tables.set(grain, 0);
              say(finding, "cleared the entry");
              return true;
            })
        .run();
  }

  private boolean inFile(long entry) throws IOException {
    return entry != 0
        && !extent.isZeroMark(entry)
        && entry * SECTOR + layout.grainSize() <= storage.size();
  }

  private void agree() throws IOException {
    for (long grain = 0; tables.mirrored() && grain < layout.grains(); ) {
      long inTable = layout.entries() - grain % layout.entries();
      long same = tables.agreeing(grain, Math.min(inTable, layout.grains() - grain));
      if (same == 0 && tables.table(grain / layout.entries(), Copy.SECOND) != 0) {
        Finding finding = check.differing(grain);
        long entry = tables.entry(grain);
        tables.setSecond(grain, entry);
        say(finding, "set the redundant entry to " + entry);
      }
      grain += Math.max(same, 1);
    }
  }

  /// Gives back what is behind everything that is named.
  private void cut() throws IOException {
    long[] end = {layout.overhead() < 1L << 40 ? layout.overhead() * SECTOR : 0};
    new VmdkClaims(extent).claims((Claim claim) -> end[0] = Math.max(end[0], claim.end()));
    long size = storage.size();
    if (size > end[0] && end[0] > 0) {
      storage.resize(end[0]);
      storage.flush();
      say(
          Finding.leak("nothing refers to the last " + (size - end[0]) + " bytes of the file"),
          "cut the file to " + end[0] + " bytes");
    }
  }
}
