package dev.platter.format.parallels;

import dev.platter.image.Claim;
import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Storage;
import dev.platter.map.FlatMap;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// What is wrong with an image, and what can be done about it.
final class ParallelsCheck {
  private static final int STEP = 1 << 20;

  /// Repairs that are told one by one.
  private static final int TOLD = 1000;

  private final ParallelsTables tables;
  private final ParallelsSession session;
  private final ParallelsHeader header;
  private final FlatMap map;
  private final Storage storage;
  private final List<Repair> done = new ArrayList<>();
  private long untold;

  ParallelsCheck(ParallelsTables tables, ParallelsSession session) {
    this.tables = tables;
    this.session = session;
    this.header = tables.header();
    this.map = tables.map();
    this.storage = tables.storage();
  }

  /// Header and map also claim the room behind them that aligns the data.
  void claims(Consumer<Claim> sink) throws IOException {
    sink.accept(new Claim("header", 0, ParallelsHeader.STRUCT.size()));
    long tableEnd = Math.max(header.mapEnd(), Math.min(header.dataStart(), storage.size()));
    if (tableEnd > ParallelsHeader.STRUCT.size()) {
      long start = ParallelsHeader.STRUCT.size();
      sink.accept(new Claim("block map", start, tableEnd - start));
    }
    for (long block = 0; block < header.entries(); ) {
      long run = map.run(block, header.entries() - block);
      if (map.entry(block) != 0) {
        sink.accept(new Claim(name(block, run), map.get(block), run * header.cluster()));
      }
      block += run;
    }
    Optional<ParallelsExtension> extension = soundExtension();
    if (extension.isPresent()) {
      extension.get().claims(sink);
    }
  }

  private String name(long block, long count) {
    return (count == 1 ? "cluster " + block : "clusters " + block + " to " + (block + count - 1))
        + " (disk offset "
        + block * header.cluster()
        + ")";
  }

  /// The extension, if it is one that a program should believe.
  private Optional<ParallelsExtension> soundExtension() throws IOException {
    if (session.extensionIsStale()) {
      return Optional.empty();
    }
    try {
      Optional<ParallelsExtension> extension = session.extension();
      if (extension.isPresent()) {
        extension.get().verify();
      }
      return extension;
    } catch (ImageException _) {
      // a finding of its own
      return Optional.empty();
    }
  }

  void findings(Consumer<Finding> sink) throws IOException {
    stateFinding().ifPresent(sink);
    emptyFault().map(what -> Finding.corruption(what, "its data is ignored")).ifPresent(sink);
    extensionFinding().ifPresent(sink);
    long end = header.dataStart();
    long misplaced = 0;
    for (long block = 0; block < header.entries(); ) {
      long run = map.run(block, header.entries() - block);
      long position = map.get(block);
      if (position > 0) {
        end = Math.max(end, position + run * header.cluster());
        misplaced += header.isPlace(position) || position < header.dataStart() ? 0 : run;
      }
      block += run;
    }
    if (misplaced > 0) {
      sink.accept(
          Finding.corruption(
              misplaced + " entries name places that are not in step with the data's start",
              "another program may give parts of them to other clusters"));
    }
    Optional<ParallelsExtension> extension = soundExtension();
    if (extension.isPresent()) {
      for (long position : extension.get().positions()) {
        end = Math.max(end, position + header.cluster());
      }
    }
    boolean known = extension.isEmpty() || extension.get().staying().isEmpty();
    if (known && storage.size() > end) {
      sink.accept(tail(storage.size() - end));
    }
  }

  private static Finding tail(long bytes) {
    return Finding.leak("nothing refers to the file's last " + bytes + " bytes");
  }

  private Optional<Finding> stateFinding() {
    ParallelsHeader now = session.header();
    if (now.fault().isPresent()) {
      return Optional.of(Finding.corruption(now.fault().get(), "the image is not opened"));
    }
    boolean left = now.marked() && !session.begun();
    return left
        ? Optional.of(
            Finding.corruption(
                "header field inUse at "
                    + ParallelsHeader.STRUCT.offset("inUse")
                    + " says that the image was not closed",
                "what was not flushed is lost"))
        : Optional.empty();
  }

  /// What is wrong with an image that says that it is empty.
  Optional<String> emptyFault() {
    try {
      boolean lies =
          (session.header().flags() & ParallelsHeader.EMPTY) != 0
              && map.highest(0, header.entries()) > 0;
      return lies
          ? Optional.of(
              "header field flags at "
                  + ParallelsHeader.STRUCT.offset("flags")
                  + " says that the image is empty, and its map has entries")
          : Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private Optional<Finding> extensionFinding() throws IOException {
    if (session.extensionIsStale()) {
      return session.header().extension() == 0
          ? Optional.empty()
          : Optional.of(
              Finding.leak(
                  "the format extension is older than the data: a program that does not know it"
                      + " has written the image"));
    }
    try {
      Optional<ParallelsExtension> extension = session.extension();
      if (extension.isPresent()) {
        extension.get().verify();
      }
      return Optional.empty();
    } catch (ImageException e) {
      return Optional.of(Finding.corruption(e.getMessage(), "backups cannot use it"));
    }
  }

  List<Repair> repair(Scope scope) throws IOException {
    Optional<ParallelsExtension> extension = soundExtension();
    if (scope == Scope.ALL) {
      mendHeader(extension.isPresent());
    }
    List<Long> taken = extension.isPresent() ? extension.get().positions() : List.of();
    boolean known = extension.isEmpty() || extension.get().staying().isEmpty();
    ParallelsSurvey survey = ParallelsSurvey.of(tables, taken);
    tables.places().start(known ? survey.unused() : List.of(), known);
    if (scope == Scope.ALL) {
      for (ParallelsSurvey.Fault fault : survey.faults()) {
        mend(fault);
      }
      if (untold > 0) {
        done.add(
            new Repair(
                Finding.corruption("many more entries name places that are not theirs", ""),
                "mended " + untold + " more"));
      }
    }
    tables.flush();
    long cut = tables.places().trim();
    if (cut > 0) {
      storage.flush();
      done.add(new Repair(tail(cut), "cut the file to " + storage.size() + " bytes"));
    }
    return List.copyOf(done);
  }

  /// Marks the image as open while it is repaired; closing it takes the mark back.
  private void mendHeader(boolean keepsExtension) throws IOException {
    ParallelsHeader before = session.header();
    stateFinding().ifPresent(finding -> done.add(new Repair(finding, "closes it properly")));
    emptyFault()
        .ifPresent(what ->
            done.add(
                new Repair(Finding.corruption(what, "its data is ignored"), "cleared the flag")));
    Optional<Finding> extension = extensionFinding();
    extension.ifPresent(
        finding -> done.add(new Repair(finding, "removed the extension, its bitmaps too")));
    session.mark(before.flags() & ~ParallelsHeader.EMPTY, keepsExtension ? before.extension() : 0);
  }

  /// Clears an entry that names no place of the file; gives a cluster that shares a place a copy of
  /// its own.
  private void mend(ParallelsSurvey.Fault fault) throws IOException {
    long block = fault.block();
    long entry = map.entry(block);
    long position = map.get(block);
    String guest = "disk offsets " + block * header.cluster() + " to ";
    guest += Math.min((block + 1) * header.cluster(), Math.max(header.size(), 0));
    switch (fault.kind()) {
      case OUTSIDE -> {
        tables.clear(block);
        tell(block, entry, "is outside of the file's data", guest + " read as zeros", "cleared it");
      }
      case SHARED -> {
        ParallelsPlaces.Room room = tables.places().take(1);
        copy(position, header.place(room.place()));
        tables.publish(block, room);
        tell(
            block,
            entry,
            "is a place that somebody else has",
            guest + " have the bytes of one of them",
            "gave the cluster a copy of its own");
      }
    }
  }

  private void tell(long block, long entry, String why, String guest, String action) {
    if (done.size() >= TOLD) {
      untold++;
      return;
    }
    String what = "entry of cluster " + block + " at " + map.position(block) + " is " + entry;
    done.add(new Repair(Finding.corruption(what + ", which " + why, guest), action));
  }

  private void copy(long from, long to) throws IOException {
    long there = Math.clamp(storage.size() - from, 0, header.cluster());
    MemorySegment buffer = MemorySegment.ofArray(new byte[(int) Math.min(STEP, header.cluster())]);
    for (long at = 0; at < there; ) {
      MemorySegment part = buffer.asSlice(0, Math.min(buffer.byteSize(), there - at));
      storage.read(from + at, part);
      storage.write(to + at, part);
      at += part.byteSize();
    }
    storage.zero(to + there, header.cluster() - there);
  }
}
