package dev.platter.format.vdi;

import dev.platter.image.Claim;
import dev.platter.image.Finding;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Storage;
import dev.platter.map.FlatMap;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/// What is wrong with an image, and what can be done about it.
///
/// A place has one block: of two that name it the first keeps it, since nobody can tell whose bytes
/// are there.
final class VdiCheck {
  /// Places whose owners are looked for in one walk over the map: 8 MiB of marks.
  private static final int WINDOW = 1 << 26;

  /// Repairs that are told one by one.
  private static final int TOLD = 1000;

  private final VdiTables tables;
  private final VdiHeader header;
  private final FlatMap map;
  private final Storage storage;
  private final List<Repair> done = new ArrayList<>();
  private long untold;

  VdiCheck(VdiTables tables) {
    this.tables = tables;
    this.header = tables.header();
    this.map = tables.map();
    this.storage = tables.storage();
  }

  /// Header and map also claim the room behind them that aligns what follows.
  void claims(Consumer<Claim> sink) throws IOException {
    sink.accept(new Claim("header", 0, header.mapStart()));
    long mapEnd = header.mapStart() + header.mapSize();
    long dataStart = Math.max(mapEnd, Math.min(header.dataStart(), storage.size()));
    if (dataStart > header.mapStart()) {
      sink.accept(new Claim("block map", header.mapStart(), dataStart - header.mapStart()));
    }
    for (long block = 0; block < header.blocks(); ) {
      long run = map.run(block, header.blocks() - block);
      long place = map.entry(block);
      if (place < VdiHeader.ZERO_ENTRY) {
        sink.accept(new Claim(name(block, run), header.place(place), run * header.stride()));
      }
      block += run;
    }
  }

  private String name(long block, long count) {
    return (count == 1 ? "block " + block : "blocks " + block + " to " + (block + count - 1))
        + " (disk offset "
        + block * header.blockSize()
        + ")";
  }

  void findings(Consumer<Finding> sink) throws IOException {
    long count = tables.count();
    long next = map.highest(0, header.blocks()) + 1;
    if (count > next) {
      sink.accept(tooHigh(count, next));
    } else if (count < next) {
      sink.accept(tooLow(count, next));
    }
    if (header.identity().isZero()) {
      sink.accept(missing("identity"));
    }
    if (header.modification().isZero()) {
      sink.accept(missing("modification"));
    }
    if (header.type() == VdiHeader.DIFFERENCING && !header.hasParent()) {
      sink.accept(missing("parent"));
    }
  }

  private Finding tooHigh(long count, long next) {
    return Finding.leak(counted(count, next) + ": places between them are not used");
  }

  private Finding tooLow(long count, long next) {
    return Finding.corruption(
        counted(count, next),
        "a program that believes the count gives the same place to another block");
  }

  private String counted(long count, long next) {
    return "header field allocated at "
        + header.struct().offset("allocated")
        + " is "
        + count
        + ", the map takes places up to "
        + next;
  }

  private Finding missing(String field) {
    return Finding.corruption(
        "header field " + field + " at " + header.struct().offset(field) + " is all zeros",
        "the image cannot be opened for its data");
  }

  List<Repair> repair(Scope scope) throws IOException {
    if (scope == Scope.ALL) {
      identify("identity", header.identity());
      identify("modification", header.modification());
      clearEntries();
    }
    closeGaps();
    long next = map.highest(0, header.blocks()) + 1;
    long count = tables.count();
    if (count > next || (count < next && scope == Scope.ALL)) {
      tables.writeCount(next);
      Finding finding = count > next ? tooHigh(count, next) : tooLow(count, next);
      done.add(new Repair(finding, "set the count to " + next));
    }
    storage.flush();
    cut(header.place(next));
    return List.copyOf(done);
  }

  private void closeGaps() throws IOException {
    long moved = new VdiGaps(tables).close();
    if (moved > 0) {
      done.add(
          new Repair(
              Finding.leak(moved + " places below the highest one in use have no block"),
              "moved the last " + moved + " blocks there"));
    }
  }

  private void identify(String field, Bytes uuid) throws IOException {
    if (uuid.isZero()) {
      byte[] fresh = Bytes.mixedEndian(UUID.randomUUID()).toArray();
      storage.write(header.struct().offset(field), MemorySegment.ofArray(fresh));
      done.add(new Repair(missing(field), "gave it a random UUID"));
    }
  }

  /// Clears entries that name a place behind the file's end, or one that an earlier block has.
  private void clearEntries() throws IOException {
    long inFile = Math.max(storage.size() - header.dataStart(), 0);
    long places = Math.min((inFile + header.stride() - 1) / header.stride(), VdiHeader.ZERO_ENTRY);
    for (long first = 0; first == 0 || first < places; first += WINDOW) {
      clearEntries(first, places);
    }
    if (untold > 0) {
      done.add(
          new Repair(
              Finding.corruption("many more entries name places that are not theirs", ""),
              "cleared " + untold + " more"));
    }
    tables.flush();
    long end = header.place(map.highest(0, header.blocks()) + 1);
    if (storage.size() < end) {
      storage.resize(end);
    }
  }

  private void clearEntries(long first, long places) throws IOException {
    var taken = new BitSet();
    for (long block = 0; block < header.blocks(); block++) {
      long place = map.entry(block);
      if (place >= VdiHeader.ZERO_ENTRY || place < first) {
        continue;
      }
      if (place >= places) {
        clear(block, place, "is behind the end of the file");
      } else if (place < first + WINDOW) {
        int bit = (int) (place - first);
        if (taken.get(bit)) {
          clear(block, place, "belongs to an earlier block");
        }
        taken.set(bit);
      }
    }
  }

  private void clear(long block, long place, String why) throws IOException {
    tables.mark(block, VdiHeader.FREE_ENTRY);
    if (done.size() >= TOLD) {
      untold++;
      return;
    }
    long offset = block * header.blockSize();
    Finding finding =
        Finding.corruption(
            "entry of block "
                + block
                + " at "
                + map.position(block)
                + " is "
                + place
                + ", which "
                + why,
            "disk offsets "
                + offset
                + " to "
                + Math.min(offset + header.blockSize(), header.size())
                + (header.hasParent() ? " show the parent" : " read as zeros"));
    done.add(new Repair(finding, "cleared the entry"));
  }

  /// Gives back what is behind the last place that is taken.
  private void cut(long end) throws IOException {
    long size = storage.size();
    if (size > end) {
      storage.resize(end);
      storage.flush();
      done.add(
          new Repair(
              Finding.leak("nothing refers to the file's last " + (size - end) + " bytes"),
              "cut the file to " + end + " bytes"));
    }
  }
}
