package dev.platter.format.qcow;

import dev.platter.format.codec.SectorAes;
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
import dev.platter.image.Secret;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// An open image.
final class Qcow1Image implements Discarding, Describable, Claiming, Dumpable, Repairable {
  private final Qcow1Tables tables;
  private final Storage storage;
  private volatile Qcow1Header header;
  private volatile Optional<String> backing;
  private final boolean writable;
  private final Optional<SectorAes> aes;
  private volatile boolean punched;

  private Qcow1Image(Storage storage, Qcow1Header header, OpenContext context) throws IOException {
    this.storage = storage;
    this.header = header;
    this.tables = new Qcow1Tables(storage, header, context.limits());
    this.backing = backing(storage, header);
    this.writable = context.access().writes();
    this.aes = aes(context);
  }

  /// Only who wants guest data needs the key.
  private Optional<SectorAes> aes(OpenContext context) throws IOException {
    if (header.encryption() == 0 || context.purpose() != OpenContext.Purpose.DATA) {
      return Optional.empty();
    }
    try (Secret secret = context.secrets().require(storage, "AES")) {
      return Optional.of(new SectorAes(secret));
    }
  }

  private static Optional<String> backing(Storage storage, Qcow1Header header) throws IOException {
    return header.hasBacking()
        ? Optional.of(new String(header.backing(storage), StandardCharsets.UTF_8))
        : Optional.empty();
  }

  static Qcow1Image open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      Qcow1Header header = Qcow1Header.read(storage, context.limits(), context.purpose());
      var image = new Qcow1Image(storage, header, context);
      opened = true;
      return image;
    } finally {
      if (!opened) {
        storage.close();
      }
    }
  }

  Qcow1Tables tables() {
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
    return header.clusterSize();
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    Mapping found = tables.map(offset, Math.min(length, size() - offset));
    return aes.isPresent() && found instanceof Mapping.Stored(_, long position, long run)
        ? aes.get().unit(storage, position, offset, run, header.clusterSize())
        : found;
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    requireWritable();
    tables.begin();
    long block = offset >> header.clusterBits();
    if (tables.map().get(block) >= 0) {
      throw new IllegalStateException(storage.name() + ": cluster " + block + " has a place");
    }
    long last = (offset + length - 1) >> header.clusterBits();
    long count = tables.needy(block, last - block + 1);
    long position = tables.room().take(count << header.clusterBits());
    return new Qcow1Room(tables, block, count, position, tables.room().untouched(position));
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
        storage.punch(stored.position(), stored.length());
        punched = true;
      } else if (!(run instanceof Mapping.Unallocated)) {
        clear(at, run.length());
      }
      at += run.length();
    }
  }

  private void clear(long offset, long length) throws IOException {
    tables.begin();
    long first = offset >> header.clusterBits();
    long last = (offset + length - 1) >> header.clusterBits();
    for (long block = first; block <= last; block++) {
      tables.set(block, 0);
      tables.relieve();
    }
  }

  private void requireWritable() throws IOException {
    if (!writable) {
      throw new ReadOnlyException(storage.name(), "is opened read-only");
    }
    if (header.encryption() != 0) {
      throw new ReadOnlyException(storage.name(), "is encrypted with AES, which is only read");
    }
  }

  @Override
  public void prepareToWrite() throws IOException {
    requireWritable();
    tables.completeFile();
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
      tables.close();
      storage.close();
    }
  }

  @Override
  public void abandon() throws IOException {
    tables.fail();
    tables.close();
    storage.close();
  }

  @Override
  public Optional<ParentLink> parent() {
    return backing.map(name -> ParentLink.named(name, Optional.empty()));
  }

  @Override
  public Set<Property> places() {
    return Qcow1Describer.PLACES;
  }

  @Override
  public void describe(Description change) throws IOException {
    requireWritable();
    new Qcow1Describer(tables).apply(change);
    header = tables.headerChanged();
    backing = backing(storage, header);
  }

  @Override
  public ImageInfo info() {
    return Qcow1Description.info(this);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    new Qcow1Description(this, sink).dump();
  }

  @Override
  public int claimUnit() {
    return header.clusterSize();
  }

  @Override
  public void claims(Consumer<Claim> sink) throws IOException {
    new Qcow1Check(tables).claims(sink);
  }

  @Override
  public void findings(Consumer<Finding> sink) throws IOException {
    new Qcow1Check(tables).findings(sink);
  }

  @Override
  public List<Repair> repair(Scope scope) throws IOException {
    requireWritable();
    return new Qcow1Repair(tables).run(scope);
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
