package dev.platter.format.vhd;

import dev.platter.image.Finding;
import dev.platter.image.Limits;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Mends an image in place: checksums and footers first, then the table, then the file's end.
final class VhdRepair {
  private static final int SECTOR = VhdFooter.SECTOR;
  private VhdFile file;
  private final Storage storage;
  private final List<Repair> done = new ArrayList<>();

  VhdRepair(VhdFile file) {
    this.file = file;
    this.storage = file.storage();
  }

  List<Repair> repair(Scope scope) throws IOException {
    boolean all = scope == Scope.ALL;
    if (file.header().isEmpty()) {
      if (all && !file.hasFooter()) {
        VhdFile.Placed footer = file.trailing().orElseThrow();
        write(footer.position(), footer.footer().sealed().encode());
        done("the footer's checksum is wrong", "wrote the one that its bytes give");
      }
      return done;
    }
    if (all) {
      boolean footerLost = !file.hasFooter();
      structures();
      file = file.again();
      table();
      file = file.again();
      batmap();
      restore(footerLost);
      file = file.again();
    }
    if (file.hasFooter()) {
      leak(new VhdSpace(file, new VhdTables(file)));
    }
    return done;
  }

  private void restore(boolean lost) throws IOException {
    if (!file.hasFooter()) {
      new VhdSpace(file, new VhdTables(file)).restoreFooter();
    }
    if (lost) {
      done("there is no sound footer at the end", "wrote one");
    }
  }

  private void leak(VhdSpace space) throws IOException {
    long before = storage.size();
    space.trim();
    if (storage.size() < before) {
      done.add(
          new Repair(
              Finding.leak("nothing in front of the footer at " + (before - VhdFooter.SIZE)),
              "moved the footer to " + space.footerPosition() + " and cut the file behind it"));
    }
  }

  private void structures() throws IOException {
    VhdDynamicHeader header = file.blocks();
    if (!header.isSound()) {
      write(file.footer().dataOffset(), VhdDynamicHeader.STRUCT.encode(header.sealed()));
      done("the dynamic header's checksum is wrong", "wrote the one that its bytes give");
    }
    VhdFooter footer = file.footer().sealed();
    boolean copied = file.leading().isPresent() && file.leading().get().footer().equals(footer);
    if (!copied) {
      write(0, footer.encode());
      done("the copy of the footer at 0 is not the footer", "wrote the footer there");
    }
    if (!file.hasFooter() && file.trailing().isPresent()) {
      write(file.trailing().get().position(), footer.encode());
    }
  }

  /// Every entry names a place of its own: a block that shares its place gets a copy, one that is
  /// where no block can be loses its entry.
  private void table() throws IOException {
    VhdTables tables = new VhdTables(file);
    List<Long> shared = new ArrayList<>();
    long last = VhdTables.NOWHERE;
    long end = 0;
    for (long packed : byPlace(tables)) {
      long block = packed & 0xffff_ffffL;
      long place = tables.entry(block) * SECTOR;
      if (place == last) {
        shared.add(block);
      } else if (place < end || !tables.isPlace(block, place, storage.size())) {
        tables.set(block, VhdDynamicHeader.FREE_ENTRY);
        done(
            "block " + block + " is at " + place + ", where no block can be",
            "took it out of the image");
      } else {
        last = place;
        end = place + file.blocks().stride();
      }
    }
    separate(tables, shared, end);
    storage.flush();
    tables.writeFresh();
    tables.writeKnown();
    storage.flush();
  }

  /// The blocks that have places, in the order of these: the entry in the upper half of a number
  /// whose highest bit is turned, so that it is sorted as one without sign, the block in the lower.
  private long[] byPlace(VhdTables tables) throws IOException {
    long count = tables.allocated();
    Limits.check(storage.name(), "number of blocks to repair", count, VhdSpace.MOST_SORTED);
    long[] packed = new long[(int) count];
    int next = 0;
    for (long block = tables.next(0); next < packed.length; block = tables.next(block + 1)) {
      packed[next++] = (tables.entry(block) << 32 | block) ^ Long.MIN_VALUE;
    }
    Arrays.sort(packed);
    return packed;
  }

  private void separate(VhdTables tables, List<Long> shared, long blocksEnd) throws IOException {
    long stride = file.blocks().stride();
    long at = Math.max(Math.max(blocksEnd, file.metadataEnd()), storage.size());
    at = (at + SECTOR - 1) & -SECTOR;
    for (long block : shared) {
      long place = tables.entry(block) * SECTOR;
      tables.copy(place, at);
      tables.set(block, at / SECTOR);
      done("block " + block + " shares its place at " + place, "copied it to " + at);
      at += stride;
    }
    if (!shared.isEmpty()) {
      write(at, file.footer().sealed().encode());
    }
  }

  private void batmap() throws IOException {
    VhdTables tables = new VhdTables(file);
    if (tables.batmap().isEmpty()) {
      return;
    }
    VhdBatmap batmap = tables.batmap().get();
    long sectors = file.blocks().blockSize() / SECTOR;
    for (long block = 0; block < tables.blocks(); block++) {
      long place = tables.place(block);
      if (batmap.get(block) && (place == VhdTables.NOWHERE || tables.count(place) < sectors)) {
        batmap.clear(block);
        done("the batmap says that block " + block + " is full", "took its bit away");
      }
    }
    batmap.write();
    if (batmap.header().checksum() != batmap.computed()) {
      batmap.seal();
      done("the batmap's checksum is wrong", "wrote the one that its bytes give");
    }
    storage.flush();
  }

  private void write(long position, byte[] bytes) throws IOException {
    storage.write(position, MemorySegment.ofArray(bytes));
    storage.flush();
  }

  private void done(String what, String action) {
    done.add(new Repair(Finding.corruption(what, ""), action));
  }
}
