package dev.platter.format.qed;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Describable;
import dev.platter.image.Description;
import dev.platter.image.Discarding;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.ParentLink;
import dev.platter.image.Property;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Repairable;
import dev.platter.image.Reservation;
import dev.platter.image.Zeroing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// An open image.
final class QedImage implements Zeroing, Discarding, Describable, Claiming, Repairable, Dumpable {
  private final QedTables tables;
  private final Storage storage;
  private volatile QedHeader header;
  private volatile Optional<String> backing;
  private final boolean writable;
  private volatile boolean punched;

  private QedImage(Storage storage, QedHeader header, OpenContext context) throws IOException {
    this.storage = storage;
    this.header = header;
    this.tables = new QedTables(storage, header, context.limits());
    this.backing = backing(storage, header);
    this.writable = context.access().writes();
  }

  private static Optional<String> backing(Storage storage, QedHeader header) throws IOException {
    return header.has(QedHeader.BACKING)
        ? Optional.of(new String(QedHeader.name(storage, header), StandardCharsets.UTF_8))
        : Optional.empty();
  }

  static QedImage open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      QedHeader header = QedHeader.read(storage, context.limits(), context.purpose());
      var image = new QedImage(storage, header, context);
      opened = true;
      return image;
    } finally {
      if (!opened) {
        storage.close();
      }
    }
  }

  QedTables tables() {
    return tables;
  }

  Optional<String> backing() {
    return backing;
  }

  @Override
  public long size() {
    return header.size();
  }

  @Override
  public int allocationUnit() {
    return (int) header.clusterSize();
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    return tables.map(offset, Math.min(length, size() - offset));
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    requireWritable();
    tables.begin();
    long block = offset / header.clusterSize();
    if (tables.map().get(block) >= 0) {
      throw new IllegalStateException(storage.name() + ": cluster " + block + " has a place");
    }
    long last = (offset + length - 1) / header.clusterSize();
    long count = tables.map().run(block, last - block + 1);
    long position = tables.room().take(count * header.clusterSize());
    return new QedRoom(tables, block, count, position, tables.room().untouched(position));
  }

  /// Stored clusters keep their places and get zeros there, which leaves no room unused; others are
  /// marked where a parent shows through.
  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    requireWritable();
    long end = Math.min(offset + length, size());
    for (long at = offset; at < end; ) {
      Mapping run = map(at, end - at);
      if (run instanceof Mapping.Stored stored) {
        zeroInPlace(stored, room);
      } else if (run instanceof Mapping.Unallocated && backing.isPresent()) {
        mark(at, run.length(), QedTables.ZERO);
      }
      at += run.length();
    }
  }

  private void zeroInPlace(Mapping.Stored run, Room room) throws IOException {
    if (room == Room.KEEP) {
      storage.zero(run.position(), run.length());
    } else {
      storage.punch(run.position(), run.length());
      punched = true;
    }
  }

  private void mark(long offset, long length, long entry) throws IOException {
    tables.begin();
    long first = offset / header.clusterSize();
    long end = (offset + length + header.clusterSize() - 1) / header.clusterSize();
    for (long block = first; block < end; block++) {
      tables.set(block, entry);
      tables.relieve();
    }
  }

  /// Without a parent, stored clusters keep their places, which become holes of the file. Those
  /// that have to show the parent lose them for good.
  @Override
  public void discard(long offset, long length) throws IOException {
    requireWritable();
    long end = Math.min(offset + length, size());
    for (long at = offset; at < end; ) {
      Mapping run = map(at, end - at);
      if (run instanceof Mapping.Stored stored && backing.isEmpty()) {
        zeroInPlace(stored, Room.RELEASE);
      } else if (!(run instanceof Mapping.Unallocated) && backing.isPresent()) {
        mark(at, run.length(), 0);
      }
      at += run.length();
    }
  }

  private void requireWritable() throws IOException {
    if (!writable) {
      throw new ReadOnlyException(storage.name(), "is opened read-only");
    }
  }

  /// Feature bits of other programs' bookkeeping are taken back. An image that was not closed is
  /// checked first.
  @Override
  public void prepareToWrite() throws IOException {
    requireWritable();
    if (tables.needsCheck()) {
      new QedRepair(tables).beforeWriting();
    }
    if (header.autoclearFeatures() != 0) {
      tables.write("autoclearFeatures", 0);
    }
    tables.completeFile();
    storage.flush();
  }

  @Override
  public void flush() throws IOException {
    tables.flush();
  }

  @Override
  public void close() throws IOException {
    try {
      if (writable) {
        tables.finish();
      }
    } finally {
      storage.close();
    }
  }

  @Override
  public void abandon() throws IOException {
    tables.fail();
    storage.close();
  }

  @Override
  public Optional<ParentLink> parent() {
    return backing.map(name ->
        header.has(QedHeader.RAW_BACKING)
            ? ParentLink.named(name, Optional.of("raw"))
            : ParentLink.notRaw(name));
  }

  @Override
  public Set<Property> places() {
    return QedDescriber.PLACES;
  }

  @Override
  public void describe(Description change) throws IOException {
    requireWritable();
    new QedDescriber(storage).apply(change);
    header = tables.headerChanged();
    backing = backing(storage, header);
  }

  @Override
  public ImageInfo info() {
    return QedDescription.info(this);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    new QedDescription(this, sink).dump();
  }

  @Override
  public int claimUnit() {
    return (int) header.clusterSize();
  }

  @Override
  public void claims(Consumer<Claim> sink) throws IOException {
    new QedCheck(tables).claims(sink);
  }

  @Override
  public void findings(Consumer<Finding> sink) throws IOException {
    new QedCheck(tables).findings(sink);
  }

  @Override
  public List<Repair> repair(Scope scope) throws IOException {
    requireWritable();
    return new QedRepair(tables).run(scope);
  }

  @Override
  public List<Storage> storages() {
    return List.of(storage);
  }

  @Override
  public boolean sparse() {
    return punched;
  }

  @Override
  public String toString() {
    return storage.name();
  }
}
