package dev.platter.format.parallels;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// The state in the header: marked before the first change, cleared when the image is closed; and
/// what becomes of the format extension when the image is changed.
final class ParallelsSession {
  private final ParallelsTables tables;
  private final Storage storage;
  private final Limits limits;
  private volatile ParallelsHeader current;
  private boolean begun;

  ParallelsSession(ParallelsTables tables, Limits limits) {
    this.tables = tables;
    this.storage = tables.storage();
    this.limits = limits;
    this.current = tables.header();
  }

  /// The header was written with another description.
  void described(ParallelsHeader now) {
    current = now;
  }

  /// The header as it is on disk.
  ParallelsHeader header() {
    return current;
  }

  /// The format extension, where there is one.
  ///
  /// @throws ImageException.Corrupt if it makes no sense
  Optional<ParallelsExtension> extension() throws IOException {
    return current.extension() == 0
        ? Optional.empty()
        : Optional.of(ParallelsExtension.read(storage, current, limits));
  }

  /// Whether the extension was there when a program wrote the image that does not know it.
  boolean extensionIsStale() {
    return current.inUse() == 0;
  }

  /// Looks whether the image may be changed, and marks it; durable on return.
  void begin() throws IOException {
    ParallelsHeader before = current;
    if (before.fault().isPresent()) {
      throw new ImageException.Corrupt(storage.name(), before.fault().get());
    }
    Optional<ParallelsExtension> extension = extensionIsStale() ? Optional.empty() : extension();
    List<ParallelsExtension.Part> staying = List.of();
    List<Long> taken = List.of();
    if (extension.isPresent()) {
      extension.get().verify();
      refuseWhatIsNecessary(extension.get());
      staying = extension.get().staying();
      taken = staying.isEmpty() ? List.of() : extension.get().positions();
    }
    ParallelsSurvey survey = ParallelsSurvey.of(tables, taken);
    if (!survey.faults().isEmpty()) {
      throw faulty(survey.faults().getFirst());
    }
    // where a section is not understood, nobody knows which clusters are its own
    tables.places().start(staying.isEmpty() ? survey.unused() : List.of(), staying.isEmpty());
    long kept = 0;
    if (!staying.isEmpty()) {
      boolean all = staying.size() == extension.get().parts().size();
      kept = all ? before.extension() : rewrite(extension.get(), staying);
    }
    mark(before.flags() & ~ParallelsHeader.EMPTY, kept);
  }

  private void refuseWhatIsNecessary(ParallelsExtension extension) throws ImageException {
    Optional<ParallelsExtension.Part> part = extension.forbidding();
    if (part.isPresent()) {
      throw new ImageException.Unsupported(
          storage.name(),
          "has an extension 0x"
              + Long.toHexString(part.get().section().magic())
              + " at "
              + part.get().position()
              + ", which says that nobody may change the image who does not know it");
    }
  }

  private ImageException faulty(ParallelsSurvey.Fault fault) throws IOException {
    return new ImageException.Corrupt(
        storage.name(),
        "entry of cluster "
            + fault.block()
            + " at "
            + tables.map().position(fault.block())
            + " is "
            + tables.map().entry(fault.block())
            + (fault.kind() == ParallelsSurvey.Fault.Kind.OUTSIDE
                ? ", which is outside of the file's data"
                : ", a place that somebody else has")
            + ": nothing is written before that is repaired");
  }

  private long rewrite(ParallelsExtension extension, List<ParallelsExtension.Part> staying)
      throws IOException {
    long size = 0;
    for (ParallelsExtension.Part part : staying) {
      size += part.section().padded();
    }
    Limits.check(storage.name(), "bytes of the format extension", size, limits.text());
    ParallelsPlaces.Room room = tables.places().take(1);
    long position = tables.header().place(room.place());
    storage.write(position, MemorySegment.ofArray(extension.encode(staying)));
    storage.flush();
    return position / ParallelsHeader.SECTOR;
  }

  /// Marks the image as open; durable on return. The fields stand in one sector.
  void mark(long flags, long extension) throws IOException {
    write(current.with(ParallelsHeader.IN_USE, flags, extension));
    storage.flush();
    begun = true;
  }

  /// Whether the image was marked by this session.
  boolean begun() {
    return begun;
  }

  /// Makes everything durable, gives the file's end back, and then takes the mark back.
  void end() throws IOException {
    if (!begun || !tables.sound()) {
      return;
    }
    tables.flush();
    tables.places().trim();
    write(current.with(ParallelsHeader.CLOSED, current.flags(), current.extension()));
    storage.flush();
  }

  private void write(ParallelsHeader header) throws IOException {
    int from = ParallelsHeader.STRUCT.offset("inUse");
    byte[] bytes = ParallelsHeader.STRUCT.encode(header);
    storage.write(from, MemorySegment.ofArray(bytes).asSlice(from));
    current = header;
  }
}
