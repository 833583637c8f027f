package dev.platter.format.qcow2;

import dev.platter.format.codec.SectorAes;
import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Compressing;
import dev.platter.image.Describable;
import dev.platter.image.Description;
import dev.platter.image.Discarding;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Keyed;
import dev.platter.image.Limits;
import dev.platter.image.Mapping;
import dev.platter.image.Packing;
import dev.platter.image.ParentLink;
import dev.platter.image.Property;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Repairable;
import dev.platter.image.Reservation;
import dev.platter.image.Secret;
import dev.platter.image.Snapshots;
import dev.platter.image.Zeroing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/// An open image.
final class QcowImage
    implements Zeroing,
        Discarding,
        Compressing,
        Describable,
        Dumpable,
        Claiming,
        Keyed,
        Repairable,
        Snapshots {
  private final QcowFiles files;
  private final Limits limits;
  private final QcowCodec codec;
  private final QcowDecoder decoder;
  private final Optional<SectorAes> aes;
  private final int unit;
  private Live live;
  private Optional<Boolean> sparse = Optional.empty();

  /// What follows from the header, and is made anew when a repair has changed the file.
  private record Live(
      QcowTables tables,
      QcowMap map,
      QcowAllocator allocator,
      QcowSession session,
      QcowEditor editor) {}

  /// @param aes decrypts guest data
  QcowImage(
      QcowFiles files, QcowHead head, QcowCodec codec, Optional<SectorAes> aes, Limits limits) {
    this.files = files;
    this.aes = aes;
    this.limits = limits;
    this.codec = codec;
    this.decoder = new QcowDecoder(files.main().name(), codec);
    this.live = live(head);
    this.unit = live.editor.unit();
  }

  private Live live(QcowHead head) {
    var tables = new QcowTables(files.main(), files.guest(), head, limits);
    var map = new QcowMap(tables, decoder);
    var allocator = new QcowAllocator(tables);
    var session = new QcowSession(tables, allocator, limits);
    var editor = new QcowEditor(tables, map, allocator, session);
    return new Live(tables, map, allocator, session, editor);
  }

  private QcowHeader header() {
    return live.tables.head.header();
  }

  @Override
  public long size() {
    return header().size();
  }

  @Override
  public int allocationUnit() {
    return unit;
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    files.requireData();
    Mapping found = live.map.map(offset, length);
    return switch (found) {
      case Mapping.Stored(Storage storage, long position, long run) when aes.isPresent() ->
          aes.get().unit(storage, position, offset, run, header().clusterSize());
      case Mapping.Shared(Storage storage, long position, long run) when aes.isPresent() ->
          aes.get().unit(storage, position, offset, run, header().clusterSize());
      default -> found;
    };
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    return changing(() -> live.editor.reserve(offset, length));
  }

  @Override
  public void prepareToWrite() throws IOException {
    files.requireData();
    if (aes.isPresent()) {
      throw new ReadOnlyException(files.main().name(), "is encrypted with AES, which is only read");
    }
    if (files.key().isPresent()) {
      files.key().get().opened(files.main().name());
    }
    if (files.main().writable() && live.session.needsRepair()) {
      repair(Scope.ALL);
    }
    live.session.prepare();
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    changing(() -> {
      new QcowZeros(live.tables, live.map, live.editor, live.session)
          .zero(offset, offset + length, room);
      return this;
    });
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    changing(() -> {
      if (live.session.rawData()) {
        live.editor.zeroData(offset, offset + length, false);
      } else {
        live.editor.change(offset, offset + length, QcowEditor.Change.DISCARD);
      }
      return this;
    });
  }

  @Override
  public int compressedUnit() {
    return header().clusterSize();
  }

  @Override
  public Packing.Encoder encoder() {
    return new QcowEncoder(codec, header().clusterSize());
  }

  @Override
  public Reservation reserveEncoded(long offset, int encoded) throws IOException {
    if (files.key().isPresent()) {
      throw new ImageException.Unsupported(
          files.main().name(), "an encrypted image gets no compressed clusters");
    }
    if (live.tables.external) {
      throw new ImageException.Unsupported(
          files.main().name(), "an image with a data file has no compressed clusters");
    }
    return changing(() -> live.editor.reserveEncoded(offset, encoded));
  }

  @Override
  public Optional<ParentLink> parent() {
    return live.tables
        .head
        .backing()
        .map(name -> ParentLink.named(name, live.tables.head.text(QcowExtension.BACKING_FORMAT)));
  }

  @Override
  public Set<Property> places() {
    return QcowDescriber.places(live.tables.head);
  }

  @Override
  public void describe(Description change) throws IOException {
    if (!files.main().writable()) {
      throw new ReadOnlyException(files.main().name(), "is opened read-only");
    }
    changing(() -> {
      new QcowDescriber(files.main(), limits).apply(change);
      live.tables.head = QcowHead.read(files.main(), limits);
      return this;
    });
  }

  @Override
  public ImageInfo info() throws IOException {
    return new QcowInfo(files.main(), live.tables.head, files.key().map(QcowKey::header), limits)
        .info();
  }

  @Override
  public void dump(Dump sink) throws IOException {
    new QcowDump(live.tables, limits, sink).dump();
  }

  @Override
  public List<Storage> storages() {
    return files.all();
  }

  @Override
  public Storage dataStorage() {
    return files.data().orElse(files.main());
  }

  /// Preallocated images, and data files, have holes where tables say that there is data. A few
  /// clusters that were never filled do not count.
  @Override
  public boolean sparse() throws IOException {
    if (files.key().isPresent()) {
      // a hole of the file is noise on the disk
      return false;
    }
    if (sparse.isEmpty()) {
      Storage data = live.tables.data;
      long there = data.allocated();
      long usual = Math.max(there / 9, 2L * header().clusterSize());
      sparse = Optional.of(data.size() - there > usual);
    }
    return sparse.get();
  }

  @Override
  public void flush() throws IOException {
    live.session.refuseAfterFailure();
    live.session.flush();
  }

  @Override
  public void close() throws IOException {
    try (files;
        decoder) {
      live.session.finish();
    }
  }

  @Override
  public void abandon() throws IOException {
    try (files;
        decoder) {
      live.session.fail(new IOException("abandoned"));
    }
  }

  @Override
  public List<KeySlot> keySlots() {
    return files.key().map(key -> key.header().slots()).orElse(List.of());
  }

  @Override
  public OptionalInt openedSlot() {
    Optional<QcowKey.Open> open = files.key().flatMap(QcowKey::open);
    return open.isPresent() ? OptionalInt.of(open.get().key().slot()) : OptionalInt.empty();
  }

  private QcowKey encryption() throws ImageException {
    files.requireData();
    return files
        .key()
        .orElseThrow(() ->
            new ImageException.Unsupported(
                files.main().name(), "is not encrypted: it has no keys"));
  }

  @Override
  public int addKey(Secret added, Effort effort) throws IOException {
    QcowKey key = encryption();
    return key.header().add(key.opened(files.main().name()).key().key(), added, effort);
  }

  @Override
  public void removeKey(int slot) throws IOException {
    QcowKey key = encryption();
    key.opened(files.main().name());
    key.header().remove(slot);
  }

  @Override
  public int claimUnit() {
    return header().clusterSize();
  }

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

  private QcowCheck check() throws IOException {
    return new QcowCheck(files.main(), QcowHead.read(files.main(), limits), limits);
  }

  @Override
  public List<Repair> repair(Scope scope) throws IOException {
    var repair = new QcowRepair(files.main(), live.tables.head, limits);
    List<Repair> done = repair.run(scope);
    live = live(QcowHead.read(files.main(), limits));
    return done;
  }

  @Override
  public List<ImageInfo.Snapshot> snapshots() throws IOException {
    return info().snapshots();
  }

  @Override
  public ImageInfo.Snapshot createSnapshot(String name, Instant taken) throws IOException {
    String id = reshape(snapshots -> snapshots.create(name, taken));
    List<ImageInfo.Snapshot> all = snapshots();
    return all.stream().filter(s -> s.id().equals(id)).findFirst().orElseThrow();
  }

  @Override
  public void applySnapshot(String id) throws IOException {
    reshape(snapshots -> {
      snapshots.apply(id);
      return id;
    });
  }

  @Override
  public void deleteSnapshot(String id) throws IOException {
    reshape(snapshots -> {
      snapshots.delete(id);
      return id;
    });
  }

  /// Changes the snapshots; everything is durable then, and read anew.
  private String reshape(Reshaping work) throws IOException {
    files.requireData();
    if (!files.main().writable()) {
      throw new ReadOnlyException(files.main().name(), "is opened read-only");
    }
    if (live.session.needsRepair()) {
      repair(Scope.ALL);
    }
    return changing(() -> {
      boolean written = live.session.prepared();
      if (written) {
        live.session.flushAll();
      }
      String id = work.run(new QcowSnapshots(live.tables, live.allocator, live.session, limits));
      live.session.finish();
      live = live(QcowHead.read(files.main(), limits));
      if (written) {
        live.session.prepare();
      }
      return id;
    });
  }

  @FunctionalInterface
  private interface Reshaping {
    String run(QcowSnapshots snapshots) throws IOException;
  }

  private <T> T changing(Change<T> change) throws IOException {
    live.session.refuseAfterFailure();
    try {
      return change.run();
    } catch (ImageException.Unsupported e) {
      throw e;
    } catch (IOException e) {
      live.session.fail(e);
      throw e;
    }
  }

  @FunctionalInterface
  private interface Change<T> {
    T run() throws IOException;
  }

  @Override
  public String toString() {
    return files.main().name();
  }
}
