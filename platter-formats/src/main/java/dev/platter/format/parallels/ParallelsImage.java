package dev.platter.format.parallels;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Describable;
import dev.platter.image.Description;
import dev.platter.image.Discarding;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.HasGeometry;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.ParentLink;
import dev.platter.image.Property;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Repairable;
import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// An open image in a file of its own.
final class ParallelsImage
    implements Discarding, HasGeometry, Describable, Claiming, Repairable, Dumpable {
  private final Storage storage;
  private volatile ParallelsHeader header;
  private final ParallelsTables tables;
  private final ParallelsSession session;
  private final boolean writable;

  private ParallelsImage(Storage storage, ParallelsHeader header, OpenContext context) {
    this.storage = storage;
    this.header = header;
    this.tables = new ParallelsTables(storage, header, context.limits());
    this.session = new ParallelsSession(tables, context.limits());
    this.writable = context.access().writes();
  }

  /// Opens an image; the caller closes the storage if this fails.
  static ParallelsImage open(Storage storage, OpenContext context) throws IOException {
    ParallelsHeader header =
        ParallelsHeader.STRUCT.read(storage, 0).checked(storage, context.limits());
    var image = new ParallelsImage(storage, header, context);
    if (context.purpose() == OpenContext.Purpose.DATA) {
      Optional<String> fault = header.fault().or(image.check()::emptyFault);
      if (fault.isPresent()) {
        throw new ImageException.Corrupt(storage.name(), fault.get());
      }
    }
    return image;
  }

  ParallelsTables tables() {
    return tables;
  }

  ParallelsSession session() {
    return session;
  }

  private ParallelsCheck check() {
    return new ParallelsCheck(tables, session);
  }

  @Override
  public long size() {
    return header.size();
  }

  /// Clusters need not be a power of two: what is allocated together is a cluster, what bounds have
  /// in common is the largest power of two in it.
  @Override
  public int allocationUnit() {
    return (int) Long.lowestOneBit(header.cluster());
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    return tables.map(offset, Math.min(length, size() - offset));
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    requireWritable();
    long block = offset / header.cluster();
    if (tables.map().entry(block) != 0) {
      throw new IllegalStateException(
          storage.name() + ": cluster " + block + " has a place already");
    }
    long last = (offset + length - 1) / header.cluster();
    long wanted = tables.map().run(block, last - block + 1);
    return new ParallelsRoom(tables, block, tables.places().take(wanted));
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    requireWritable();
    long cluster = header.cluster();
    long end = offset + length >= size() ? size() + cluster - 1 : offset + length;
    for (long block = (offset + cluster - 1) / cluster; block < end / cluster; block++) {
      long position = tables.map().get(block);
      if (position > 0) {
        tables.clear(block);
        if (header.isPlace(position)) {
          tables.places().release((position - header.dataStart()) / cluster);
        }
      }
    }
  }

  private void requireWritable() throws IOException {
    if (!writable) {
      throw new ReadOnlyException(storage.name(), "is opened read-only");
    }
  }

  @Override
  public void prepareToWrite() throws IOException {
    requireWritable();
    session.begin();
  }

  @Override
  public void flush() throws IOException {
    tables.flush();
  }

  @Override
  public void close() throws IOException {
    try {
      session.end();
    } finally {
      storage.close();
    }
  }

  @Override
  public Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  public Optional<Geometry> physical() {
    return header.geometry();
  }

  @Override
  public Set<Property> places() {
    return ParallelsDescriber.PLACES;
  }

  @Override
  public void describe(Description change) throws IOException {
    requireWritable();
    header = ParallelsDescriber.apply(storage, change);
    session.described(header);
  }

  @Override
  public Optional<Geometry> logical() {
    return Optional.empty();
  }

  @Override
  public ImageInfo info() throws IOException {
    return ParallelsDescription.info(this);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    ParallelsDescription.dump(this, sink);
  }

  @Override
  public int claimUnit() {
    return (int) header.cluster();
  }

  @Override
  public long claimBase() {
    return header.dataStart();
  }

  /// What no entry names is found by the next writer: the map is the only account of room.
  @Override
  public Unclaimed unclaimed() {
    return Unclaimed.FREE;
  }

  @Override
  public void claims(Consumer<Claim> sink) throws IOException {
    check().claims(sink);
  }

  @Override
  public void findings(Consumer<Finding> sink) throws IOException {
    check().findings(sink);
  }

  @Override
  public List<Repair> repair(Scope scope) throws IOException {
    requireWritable();
    return check().repair(scope);
  }

  @Override
  public List<Storage> storages() {
    return List.of(storage);
  }

  /// There is no mark for zeros: they stand in holes of the file.
  @Override
  public boolean sparse() {
    return true;
  }

  @Override
  public String toString() {
    return storage.name();
  }
}
