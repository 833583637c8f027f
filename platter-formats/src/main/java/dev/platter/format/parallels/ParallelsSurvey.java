package dev.platter.format.parallels;

import dev.platter.map.FlatMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// A walk over the map that finds out which places have an owner, and entries that cannot be right.
/// Of two clusters that share a place the first keeps it, since nobody can tell whose bytes are
/// there.
final class ParallelsSurvey {
  /// Places whose owners are looked for in one walk: 8 MiB of marks.
  private static final int WINDOW = 1 << 26;

  /// Faults that are kept.
  static final int FAULTS = 1 << 16;

  private final ParallelsTables tables;
  private final ParallelsHeader header;
  private final List<Fault> faults = new ArrayList<>();
  private final List<Long> unused = new ArrayList<>();
  private final long fileSize;
  private final long places;

  /// An entry that cannot be right.
  ///
  /// @param block the cluster of the disk whose entry it is
  record Fault(long block, Kind kind) {
    /// What is wrong.
    enum Kind {
      /// In front of the data, or behind the file.
      OUTSIDE,
      /// Somebody else has the place, or a part of it.
      SHARED
    }
  }

  private ParallelsSurvey(ParallelsTables tables) throws IOException {
    this.tables = tables;
    this.header = tables.header();
    this.fileSize = tables.storage().size();
    this.places = Math.min(header.placesBefore(fileSize), header.namedPlaces());
  }

  /// Looks through the map.
  ///
  /// @param taken positions of places that do not belong to the map
  static ParallelsSurvey of(ParallelsTables tables, List<Long> taken) throws IOException {
    var survey = new ParallelsSurvey(tables);
    for (long first = 0; first == 0 || first < survey.places; first += WINDOW) {
      survey.window(first, taken);
    }
    return survey;
  }

  /// Entries that cannot be right, at most [#FAULTS] of them.
  List<Fault> faults() {
    return faults;
  }

  /// Places of the file that nothing owns, the first [ParallelsPlaces#REMEMBERED] of them.
  List<Long> unused() {
    return unused;
  }

  private void window(long first, List<Long> others) throws IOException {
    var taken = new BitSet();
    for (long position : others) {
      long place = (position - header.dataStart()) / header.cluster() - first;
      if (place >= 0 && place < WINDOW) {
        taken.set((int) place);
      }
    }
    FlatMap map = tables.map();
    for (long block = 0; block < header.entries(); ) {
      long run = map.run(block, header.entries() - block);
      if (map.entry(block) == 0) {
        block += run;
        continue;
      }
      for (long end = block + run; block < end; block++) {
        mark(block, map.get(block), first, taken);
      }
    }
    long count = Math.min(places - first, WINDOW);
    for (long place = taken.nextClearBit(0);
        place < count && unused.size() < ParallelsPlaces.REMEMBERED;
        place = taken.nextClearBit((int) place + 1)) {
      unused.add(first + place);
    }
  }

  private void mark(long block, long position, long first, BitSet taken) {
    if (position < header.dataStart() || position >= fileSize) {
      if (first == 0) {
        add(block, Fault.Kind.OUTSIDE);
      }
      return;
    }
    long from = (position - header.dataStart()) / header.cluster() - first;
    long to = header.placesBefore(position + header.cluster()) - first;
    if (from < 0 || from >= WINDOW) {
      return;
    }
    int next = taken.nextSetBit((int) from);
    if (next >= 0 && next < to) {
      add(block, Fault.Kind.SHARED);
    }
    taken.set((int) from, (int) Math.min(to, WINDOW));
  }

  private void add(long block, Fault.Kind kind) {
    if (faults.size() < FAULTS) {
      faults.add(new Fault(block, kind));
    }
  }
}
