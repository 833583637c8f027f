package dev.platter.format.vdi;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Commented;
import dev.platter.image.Describable;
import dev.platter.image.Description;
import dev.platter.image.Discarding;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.HasGeometry;
import dev.platter.image.Identified;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Limits;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.ParentLink;
import dev.platter.image.Property;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Repairable;
import dev.platter.image.Reservation;
import dev.platter.image.Resizable;
import dev.platter.image.Zeroing;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/// An open image.
final class VdiImage
    implements Zeroing,
        Discarding,
        Resizable,
        Identified,
        Commented,
        HasGeometry,
        Describable,
        Claiming,
        Repairable,
        Dumpable {
  private final Storage storage;
  private final Limits limits;
  private final boolean writable;
  private volatile VdiTables tables;
  private volatile Bytes modification;
  private volatile boolean punched;
  private boolean modificationStays;

  private VdiImage(Storage storage, VdiHeader header, OpenContext context) {
    this.tables = new VdiTables(storage, header, context.limits());
    this.storage = storage;
    this.limits = context.limits();
    this.writable = context.access().writes();
    this.modification = header.modification();
  }

  static VdiImage open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      VdiHeader header =
          VdiHeader.read(storage).checked(storage, context.limits(), context.purpose());
      if (header.type() == VdiHeader.UNDO && context.purpose() == OpenContext.Purpose.DATA) {
        throw undo(storage);
      }
      var image = new VdiImage(storage, header, context);
      opened = true;
      return image;
    } finally {
      if (!opened) {
        storage.close();
      }
    }
  }

  private static ImageException undo(Storage storage) {
    return new ImageException.Unsupported(
        storage.name(), "is a VDI undo image, which no program is known to write or to read");
  }

  VdiHeader header() {
    return tables.header();
  }

  VdiTables tables() {
    return tables;
  }

  @Override
  public long size() {
    return header().size();
  }

  @Override
  public int allocationUnit() {
    return (int) header().blockSize();
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    if (header().type() == VdiHeader.UNDO) {
      throw undo(storage);
    }
    return tables.map(offset, Math.min(length, size() - offset));
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    requireWritable();
    if (tables.places().releasesTail()) {
      tables.flush();
    }
    long block = offset / header().blockSize();
    if (tables.map().get(block) >= 0) {
      throw new IllegalStateException(storage.name() + ": block " + block + " has a place already");
    }
    long last = (offset + length - 1) / header().blockSize();
    long wanted = header().extraSize() == 0 ? tables.map().run(block, last - block + 1) : 1;
    return new VdiRoom(tables, block, tables.places().take(wanted));
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    requireWritable();
    long mark = header().hasParent() ? VdiHeader.ZERO_ENTRY : VdiHeader.FREE_ENTRY;
    punched |= new VdiChange(tables, offset, length, mark).dense(room);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    requireWritable();
    var change = new VdiChange(tables, offset, length, VdiHeader.FREE_ENTRY);
    if (header().hasParent()) {
      change.all();
    } else {
      punched |= change.dense(Room.RELEASE);
    }
  }

  @Override
  public void resize(long bytes, long parentEnd) throws IOException {
    requireWritable();
    tables.flush();
    // from disk, and without places that are known: they are about to change
    tables = new VdiTables(storage, VdiHeader.read(storage), limits);
    VdiHeader changed = new VdiResize(tables).to(bytes, limits);
    tables = new VdiTables(storage, changed, limits);
    new VdiResize(tables).zeroEnd();
    // gives back the places of blocks that were cut off
    new VdiCheck(tables).repair(Scope.LEAKS);
  }

  private void requireWritable() throws IOException {
    if (!writable) {
      throw new ReadOnlyException(storage.name(), "is opened read-only");
    }
    if (header().type() == VdiHeader.UNDO) {
      throw undo(storage);
    }
  }

  @Override
  public void keepModification() {
    modificationStays = true;
  }

  @Override
  public void prepareToWrite() throws IOException {
    requireWritable();
    if (modificationStays) {
      return;
    }
    Bytes fresh = Bytes.mixedEndian(UUID.randomUUID());
    storage.write(header().struct().offset("modification"), MemorySegment.ofArray(fresh.toArray()));
    storage.flush();
    modification = fresh;
  }

  @Override
  public void flush() throws IOException {
    tables.flush();
  }

  @Override
  public void close() throws IOException {
    try {
      if (writable && tables.changed()) {
        tables.flush();
      }
    } finally {
      storage.close();
    }
  }

  @Override
  public Optional<ParentLink> parent() {
    if (!header().hasParent()) {
      return Optional.empty();
    }
    return Optional.of(
        ParentLink.identified(
            header().parent().mixedEndian(), uuid(header().parentModification()), VdiFormat.NAME));
  }

  static Optional<UUID> uuid(Bytes bytes) {
    return bytes.isZero() ? Optional.empty() : Optional.of(bytes.mixedEndian());
  }

  @Override
  public UUID identity() {
    return header().identity().mixedEndian();
  }

  @Override
  public Optional<UUID> modification() {
    return uuid(modification);
  }

  @Override
  public String comment() {
    return header().comment().text(StandardCharsets.UTF_8);
  }

  @Override
  public Optional<Geometry> physical() {
    return header().physical().known();
  }

  @Override
  public Optional<Geometry> logical() {
    return header().isLarge() ? header().logical().known() : Optional.empty();
  }

  @Override
  public Set<Property> places() {
    return VdiChangedHeader.places(header());
  }

  @Override
  public void describe(Description change) throws IOException {
    if (!writable) {
      throw new ReadOnlyException(storage.name(), "is opened read-only");
    }
    // from disk, where prepareToWrite and flush may have changed what this one does not say
    VdiHeader changed = VdiChangedHeader.of(VdiHeader.read(storage), change);
    storage.write(0, MemorySegment.ofArray(changed.struct().encode(changed)));
    storage.flush();
    modification = changed.modification();
    tables.described(changed);
  }

  @Override
  public ImageInfo info() {
    return VdiDescription.info(this);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    VdiDescription.dump(this, sink);
  }

  @Override
  public int claimUnit() {
    return (int) header().stride();
  }

  @Override
  public long claimBase() {
    return header().dataStart();
  }

  @Override
  public void claims(Consumer<Claim> sink) throws IOException {
    new VdiCheck(tables).claims(sink);
  }

  @Override
  public void findings(Consumer<Finding> sink) throws IOException {
    new VdiCheck(tables).findings(sink);
  }

  @Override
  public List<Repair> repair(Scope scope) throws IOException {
    requireWritable();
    return new VdiCheck(tables).repair(scope);
  }

  @Override
  public List<Storage> storages() {
    return List.of(storage);
  }

  @Override
  public boolean sparse() {
    return header().type() == VdiHeader.FIXED || punched;
  }

  @Override
  public String toString() {
    return storage.name();
  }
}
