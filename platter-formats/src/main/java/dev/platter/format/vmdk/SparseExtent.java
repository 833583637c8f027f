package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.Mapping;
import dev.platter.image.Reservation;
import dev.platter.image.Zeroing.Room;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/// An extent whose grains are stored on demand, VMware's or ESX's.
final class SparseExtent implements VmdkExtent {
  static final long ZERO_MARK = 1;
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Storage storage;
  private final GrainLayout layout;
  private final GrainTables tables;
  private final SparseHead head;
  private final Parent parent;
  private final GrainDecoder decoder;
  private Optional<GrainPlaces> places = Optional.empty();
  private volatile boolean punched;

  /// Whether there is an image below.
  enum Parent {
    NONE,
    BELOW
  }

  /// @param head checked
  SparseExtent(Storage storage, SparseHead head, Parent parent, Limits limits) throws IOException {
    this.storage = storage;
    this.layout = head.layout().checked(storage);
    this.head = head;
    this.parent = parent;
    this.tables = new GrainTables(storage, layout, limits);
    this.decoder = new GrainDecoder(storage.name(), layout);
    Limits.check(storage.name(), "grain directory bytes", layout.directoryBytes(), limits.tables());
  }

  @Override
  public Storage storage() {
    return storage;
  }

  GrainLayout layout() {
    return layout;
  }

  GrainTables tables() {
    return tables;
  }

  SparseHead head() {
    return head;
  }

  boolean dirty() {
    return head.dirty();
  }

  @Override
  public boolean compressed() {
    return layout.has(GrainLayout.Feature.COMPRESSED);
  }

  boolean isZeroMark(long entry) {
    return entry == ZERO_MARK && layout.has(GrainLayout.Feature.ZERO_MARK);
  }

  private boolean isPlace(long entry) {
    return entry != 0 && !isZeroMark(entry);
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    long grain = offset / layout.grainSize();
    long inGrain = offset % layout.grainSize();
    long limit = (offset + length - 1) / layout.grainSize() - grain + 1;
    long entry = tables.entry(grain);
    if (!isPlace(entry)) {
      long run = tables.count(grain, limit, entry, 0) * layout.grainSize() - inGrain;
      return entry == 0
          ? new Mapping.Unallocated(Math.min(run, length))
          : new Mapping.Zero(Math.min(run, length));
    }
    if (layout.has(GrainLayout.Feature.COMPRESSED)) {
      return encoded(grain, entry, (int) inGrain, length);
    }
    long run = tables.count(grain, limit, entry, layout.grainSectors()) * layout.grainSize();
    return stored(grain, entry * SECTOR, inGrain, Math.min(run - inGrain, length));
  }

  /// A last grain may end with the file in the middle; the rest of it is zeros.
  private Mapping stored(long grain, long start, long inGrain, long length) throws IOException {
    long position = start + inGrain;
    if (tables.inFile(position + length)) {
      return new Mapping.Stored(storage, position, length);
    }
    long there = storage.size() - position;
    if (there > 0) {
      return new Mapping.Stored(storage, position, Math.min(there, length));
    }
    if (start >= storage.size()) {
      throw outside(grain, start);
    }
    return new Mapping.Zero(Math.min(layout.grainSize() - inGrain, length));
  }

  private ImageException outside(long grain, long position) throws IOException {
    return new ImageException.Corrupt(
        storage.name(),
        "the table entry of grain "
            + grain
            + " names position "
            + position
            + ", and the file ends at "
            + storage.size());
  }

  private Mapping encoded(long grain, long entry, int inGrain, long length) throws IOException {
    long position = entry * SECTOR;
    if (!tables.inFile(position + 1)) {
      throw outside(grain, position);
    }
    long limit = GrainDecoder.limit(layout.grainSize());
    if (grain + 1 < layout.grains()) {
      long behind = (tables.entry(grain + 1) - entry) * SECTOR;
      limit = behind > 0 ? Math.min(limit, behind) : limit;
    }
    var unit =
        new Mapping.EncodedUnit(
            storage,
            position,
            (int) limit,
            layout.grainSize(),
            (stored, target) -> decoder.decode(grain, stored, target));
    long run = Math.min(layout.grainSize() - inGrain, length);
    return new Mapping.Encoded(run, inGrain, unit);
  }

  private GrainPlaces places() throws IOException {
    return places.orElseThrow(this::refusal);
  }

  @Override
  public String whyReadOnly() {
    if (!storage.writable()) {
      return "is opened read-only";
    }
    return "has compressed grains, which are written once and never changed";
  }

  @Override
  public void prepareToWrite() throws IOException {
    if (compressed() || !storage.writable()) {
      throw refusal();
    }
    if (places.isPresent()) {
      return;
    }
    storage.flush();
    var room = new GrainRoom(this);
    long next = room.end();
    room.agree();
    mark(1);
    if (storage.size() < next && room.cutShort()) {
      storage.resize(next);
    }
    places = Optional.of(new GrainPlaces(storage, layout.grainSize(), next));
  }

  /// Says in the extent's head what is free, where it has a place for that. It may say less than
  /// there is, so that it goes out before the tables do.
  private void tellFree() throws IOException {
    if (head.freePosition() >= 0 && places.isPresent()) {
      MemorySegment sector = MemorySegment.ofArray(new byte[Integer.BYTES]);
      sector.set(INT, 0, (int) (places.get().next() / SECTOR));
      storage.write(head.freePosition(), sector);
    }
  }

  /// Sets the mark of an extent that is being written, or takes it back.
  void mark(int unclean) throws IOException {
    storage.write(head.dirtyPosition(), MemorySegment.ofArray(new byte[] {(byte) unclean}));
    storage.flush();
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    if (tables.crowded()) {
      flush();
    }
    long grain = offset / layout.grainSize();
    long entry = tables.entry(grain);
    if (isPlace(entry)) {
      throw new IllegalStateException(storage.name() + ": grain " + grain + " has a place");
    }
    long limit = (offset + length - 1) / layout.grainSize() - grain + 1;
    long inTable = layout.entries() - grain % layout.entries();
    long wanted = tables.count(grain, Math.min(limit, inTable), entry, 0);
    GrainPlaces.Room room = places().take(wanted);
    return new Reserved(this, grain, room);
  }

  /// Room for grains.
  private record Reserved(SparseExtent extent, long grain, GrainPlaces.Room room)
      implements Reservation {
    @Override
    public long offset() {
      return grain * extent.layout.grainSize();
    }

    @Override
    public long length() {
      return room.count() * extent.layout.grainSize();
    }

    @Override
    public Storage storage() {
      return extent.storage;
    }

    @Override
    public long position() {
      return room.position();
    }

    @Override
    public boolean zeroed() {
      return room.zeroed();
    }

    @Override
    public void publish() throws IOException {
      extent.publish(grain, room);
    }

    @Override
    public void cancel() throws IOException {
      extent.places().cancel(room);
    }
  }

  private void publish(long grain, GrainPlaces.Room room) throws IOException {
    ensureTable(grain / layout.entries());
    for (long i = 0; i < room.count(); i++) {
      tables.set(grain + i, room.position() / SECTOR + i * layout.grainSectors());
    }
  }

  /// Writers make all tables with the extent, but a directory may lack some.
  private void ensureTable(long number) throws IOException {
    if (tables.table(number, GrainTables.Copy.FIRST) == 0) {
      newTable(number, GrainTables.Copy.FIRST);
    }
    if (tables.mirrored() && tables.table(number, GrainTables.Copy.SECOND) == 0) {
      newTable(number, GrainTables.Copy.SECOND);
      for (long i = 0; i < layout.entries(); i++) {
        long grain = number * layout.entries() + i;
        tables.setSecond(grain, tables.entry(grain));
      }
    }
  }

  private void newTable(long number, GrainTables.Copy copy) throws IOException {
    long grains = (layout.tableBytes() + layout.grainSize() - 1L) / layout.grainSize();
    GrainPlaces.Room room = places().takeFresh(grains);
    while (room.count() < grains) {
      room = places().takeFresh(grains);
    }
    tables.setTable(number, copy, room.position());
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    long end = Math.min(offset + length, layout.size());
    long at = offset;
    while (at < end) {
      long grain = at / layout.grainSize();
      long limit = (end - 1) / layout.grainSize() - grain + 1;
      long entry = tables.entry(grain);
      boolean place = isPlace(entry);
      long run = tables.count(grain, limit, entry, place ? layout.grainSectors() : 0);
      if (!place && entry == 0 && parent == Parent.BELOW) {
        run = hide(grain, run);
      }
      long next = (grain + run) * layout.grainSize();
      if (place) {
        long inGrain = at % layout.grainSize();
        zeroInPlace(entry * SECTOR + inGrain, inPlaceEnd(next, end) - at, room);
      }
      at = next;
    }
  }

  /// A run that ends with the disk ends with the last grain.
  private long inPlaceEnd(long next, long end) {
    return end == layout.size() ? next : Math.min(next, end);
  }

  private void zeroInPlace(long position, long length, Room room) throws IOException {
    places();
    if (room == Room.KEEP) {
      storage.zero(position, length);
    } else {
      storage.punch(position, length);
      punched = true;
    }
  }

  /// Zeros in front of a parent are a mark, or grains that are holes.
  ///
  /// @return how many grains were hidden
  private long hide(long grain, long count) throws IOException {
    if (tables.crowded()) {
      flush();
    }
    long run = Math.min(count, layout.entries() - grain % layout.entries());
    if (layout.has(GrainLayout.Feature.ZERO_MARK)) {
      places();
      ensureTable(grain / layout.entries());
      for (long i = 0; i < run; i++) {
        tables.set(grain + i, ZERO_MARK);
      }
      return run;
    }
    GrainPlaces.Room room = places().take(run);
    if (!room.zeroed()) {
      storage.punch(room.position(), room.count() * layout.grainSize());
    }
    publish(grain, room);
    punched = true;
    return room.count();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    long end = Math.min(offset + length, layout.size());
    long first = (offset + layout.grainSize() - 1) / layout.grainSize();
    long last = end == layout.size() ? layout.grains() : end / layout.grainSize();
    if (first >= last) {
      zero(offset, length, Room.RELEASE);
      return;
    }
    zero(offset, first * layout.grainSize() - offset, Room.RELEASE);
    for (long grain = first; grain < last; grain++) {
      give(grain);
    }
    zero(last * layout.grainSize(), end - last * layout.grainSize(), Room.RELEASE);
  }

  private void give(long grain) throws IOException {
    long entry = tables.entry(grain);
    if (entry != 0) {
      if (tables.crowded()) {
        flush();
      }
      tables.set(grain, 0);
      if (isPlace(entry)) {
        places().release(entry * SECTOR);
      }
    }
  }

  @Override
  public void flush() throws IOException {
    if (!storage.writable()) {
      return;
    }
    if (tables.dirty()) {
      tellFree();
    }
    tables.flush();
    if (places.isPresent()) {
      places.get().settle();
    }
  }

  @Override
  public void finish() throws IOException {
    if (places.isPresent()) {
      tellFree();
      mark(0);
    }
  }

  @Override
  public void release() {
    decoder.close();
  }

  @Override
  public int allocationUnit() {
    return layout.grainSize();
  }

  @Override
  public boolean sparse() {
    return punched;
  }
}
