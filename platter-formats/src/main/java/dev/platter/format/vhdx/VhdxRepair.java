package dev.platter.format.vhdx;

import dev.platter.image.Finding;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/// Mends an image. A MiB of the file has one owner: of two that name it the first keeps it, since
/// nobody can tell whose bytes are there.
final class VhdxRepair {
  /// Repairs that are told one by one.
  private static final int TOLD = 1000;

  private final VhdxFile file;
  private final VhdxDisk disk;
  private final VhdxTables tables;
  private final VhdxCheck check;
  private final Storage storage;
  private final BitSet taken = new BitSet();
  private final List<Repair> done = new ArrayList<>();
  private long size;
  private long untold;

  VhdxRepair(VhdxFile file, VhdxTables tables) {
    this.file = file;
    this.disk = file.disk();
    this.tables = tables;
    this.check = new VhdxCheck(file, tables);
    this.storage = file.storage();
  }

  List<Repair> repair(Scope scope) throws IOException {
    size = storage.size();
    check.reserved(claim -> take(claim.position(), claim.length()));
    if (scope == Scope.ALL) {
      mendHeaders();
      mendRegionTable(VhdxRegionTable.FIRST);
      mendRegionTable(VhdxRegionTable.SECOND);
      mendBitmaps();
    }
    boolean sound = true;
    for (long block = 0; block < disk.blocks(); block++) {
      sound &= mend(block, scope);
    }
    if (untold > 0) {
      done.add(
          new Repair(
              Finding.corruption("many more entries name places that are not theirs", ""),
              "cleared " + untold + " more"));
    }
    if (tables.isDirty()) {
      var log = new VhdxLog(storage, file.headers());
      file.headers().markDataWrite();
      tables.drainTo(log);
      log.finish();
    }
    if (sound) {
      fitFile();
    }
    return List.copyOf(done);
  }

  private void mendHeaders() throws IOException {
    if (!file.headers().isWhole()) {
      List<Finding> findings = new ArrayList<>();
      file.headers().findings(findings::add);
      file.headers().markFileWrite();
      done.add(new Repair(findings.getFirst(), "wrote it anew from the other one"));
    }
  }

  private void mendRegionTable(long position) throws IOException {
    Optional<Finding> broken = check.brokenTable(position);
    if (broken.isPresent()) {
      byte[] table = VhdxRegionTable.encode(file.regions().regions());
      storage.write(position, MemorySegment.ofArray(table));
      storage.flush();
      done.add(new Repair(broken.get(), "wrote it anew from the other copy"));
    }
  }

  /// A bitmap is worth more than a block: it says where many are.
  private void mendBitmaps() throws IOException {
    for (long chunk = 0; disk.hasParent() && chunk < disk.chunks(); chunk++) {
      long entry = tables.bitmapEntry(chunk);
      if (VhdxTables.state(entry) == VhdxTables.FULL
          && !take(VhdxTables.place(entry), VhdxFile.MIB)) {
        tables.setBitmap(chunk, VhdxTables.NOT_PRESENT, 0);
        tell(
            Finding.corruption(
                "sector bitmap "
                    + chunk
                    + " has entry 0x"
                    + Long.toHexString(entry)
                    + ", which names no place of its own in the file",
                "blocks that are partly present are lost"));
      }
    }
  }

  /// Whether the block's entry is in order now.
  private boolean mend(long block, Scope scope) throws IOException {
    long entry = tables.entry(block);
    String fault = check.fault(block);
    boolean stored = VhdxTables.isStored(VhdxTables.state(entry));
    boolean placed = stored || check.isKept(entry);
    if (fault.isEmpty() && placed && !take(VhdxTables.place(entry), disk.blockSize())) {
      fault = "names no place of its own in the file";
    }
    if (!fault.isEmpty() && scope == Scope.ALL) {
      tell(check.finding(block, fault));
      int state = VhdxTables.state(entry);
      tables.set(block, VhdxTables.isZeros(state) ? state : VhdxTables.NOT_PRESENT, 0);
      return true;
    }
    return fault.isEmpty();
  }

  private void tell(Finding finding) {
    if (done.size() < TOLD) {
      done.add(new Repair(finding, "cleared the entry"));
    } else {
      untold++;
    }
  }

  private boolean take(long position, long length) {
    if (position < 0 || position > VhdxFile.LARGEST - length || position >= size) {
      return false;
    }
    int first = (int) (position / VhdxFile.MIB);
    int behind = (int) ((position + length) / VhdxFile.MIB);
    int other = taken.nextSetBit(first);
    if (other >= 0 && other < behind) {
      return false;
    }
    taken.set(first, behind);
    return true;
  }

  /// Makes the file as long as its last place needs, and no longer.
  private void fitFile() throws IOException {
    long end = taken.length() * VhdxFile.MIB;
    if (size < end) {
      storage.resize(end);
      storage.flush();
      done.add(
          new Repair(
              Finding.corruption("the file ends at " + size + ", inside a block", ""),
              "made it " + end + " bytes long"));
    } else if (size > end && !disk.isFixed()) {
      storage.resize(end);
      storage.flush();
      done.add(
          new Repair(
              Finding.leak("nothing refers to the file's last " + (size - end) + " bytes"),
              "cut the file to " + end + " bytes"));
    }
  }
}
