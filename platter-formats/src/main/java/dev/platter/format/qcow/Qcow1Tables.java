package dev.platter.format.qcow;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.Mapping;
import dev.platter.io.Storage;
import dev.platter.map.BlockMap;
import dev.platter.map.TableCache;
import dev.platter.map.TailRoom;
import dev.platter.map.TwoLevelMap;
import java.io.IOException;
import java.nio.ByteOrder;

/// What changes in an image: tables, and the end of what is taken of the file.
///
/// The format has no mark for images that were not closed, and QEMU writes entries before what they
/// name. So what is named at or behind the file's end was never there, and such entries are cleared
/// before room is given out that they would name.
final class Qcow1Tables {
  static final int L2 = 0;
  static final int L1 = 1;

  /// What the map says of a compressed cluster.
  static final long COMPRESSED = -3;

  private final Storage storage;
  private volatile Qcow1Header header;
  private final TableCache cache;
  private final TwoLevelMap map;
  private final Qcow1Decoder decoder;
  private volatile long knownEnd;
  private final TailRoom room;
  private boolean newRoom;
  private boolean broken;

  Qcow1Tables(Storage storage, Qcow1Header header, Limits limits) {
    this.storage = storage;
    this.room = new TailRoom(storage);
    this.header = header;
    this.decoder = new Qcow1Decoder(storage.name());
    this.cache =
        new TableCache(storage, ByteOrder.BIG_ENDIAN, 0, header.clusterSize(), limits.tableCache());
    var shape =
        new TwoLevelMap.Shape(
            header.tablePosition(), header.tables(), header.entries(), header.clusterSize());
    this.map = new TwoLevelMap(cache, shape, new Meaning());
  }

  /// The header was written anew: as it stands there now. What it does not name is free.
  Qcow1Header headerChanged() throws IOException {
    header = Qcow1Header.STRUCT.read(storage, 0);
    flush();
    room.restart();
    begin();
    return header;
  }

  private final class Meaning implements TwoLevelMap.Entries {
    @Override
    public long table(long index, long entry) throws IOException {
      requireSense(entry, "L1 entry " + index, map.tablePosition(index));
      return inFile(entry) ? entry : BlockMap.UNALLOCATED;
    }

    @Override
    public long place(long block, long entry) throws IOException {
      if (!inFile(position(entry))) {
        return BlockMap.UNALLOCATED;
      }
      if (Qcow1Entry.compressed(entry)) {
        return COMPRESSED;
      }
      if (!sensible(entry)) {
        requireSense(entry, "L2 entry of cluster " + block, map.position(block));
      }
      return entry;
    }
  }

  /// Whether a table or a cluster that is not compressed can be at a position.
  boolean sensible(long entry) {
    return entry >= Qcow1Entry.ALIGNMENT && entry % Qcow1Entry.ALIGNMENT == 0;
  }

  private void requireSense(long entry, String what, long position) throws ImageException {
    if (!sensible(entry)) {
      throw new ImageException.Corrupt(
          storage.name(),
          what
              + " at "
              + position
              + " is 0x"
              + Long.toHexString(entry)
              + ", expected a multiple of "
              + Qcow1Entry.ALIGNMENT);
    }
  }

  /// Where an entry's bytes start.
  long position(long entry) {
    return Qcow1Entry.compressed(entry)
        ? Qcow1Entry.encodedPosition(entry, header.clusterBits())
        : entry;
  }

  /// Whether there is something at a position.
  boolean inFile(long position) throws IOException {
    if (position >= knownEnd) {
      knownEnd = storage.size();
    }
    return position >= 0 && position < knownEnd;
  }

  Storage storage() {
    return storage;
  }

  Qcow1Header header() {
    return header;
  }

  TwoLevelMap map() {
    return map;
  }

  /// Room at the end of the file.
  TailRoom room() {
    return room;
  }

  /// The longest run from `offset` on that is of one kind and in one piece. A cluster that the
  /// file's end cuts reads as zeros from there.
  Mapping map(long offset, long length) throws IOException {
    long block = offset >> header.clusterBits();
    if (map.get(block) == COMPRESSED) {
      return encoded(map.entry(block), offset & (header.clusterSize() - 1), length);
    }
    Mapping found = map.map(storage, offset, length);
    if (!(found instanceof Mapping.Stored(_, long position, long run))
        || inFile(position + run - 1)) {
      return found;
    }
    long there = storage.size() - position;
    long inCluster = header.clusterSize() - (offset & (header.clusterSize() - 1));
    return there > 0
        ? new Mapping.Stored(storage, position, Math.min(run, there))
        : new Mapping.Zero(Math.min(run, inCluster));
  }

  private Mapping encoded(long entry, long skip, long length) {
    long position = position(entry);
    var unit =
        new Mapping.EncodedUnit(
            storage,
            position,
            Qcow1Entry.encodedLength(entry, header.clusterBits()),
            header.clusterSize(),
            (stored, target) -> decoder.decode(position, stored, target));
    return new Mapping.Encoded(Math.min(length, header.clusterSize() - skip), (int) skip, unit);
  }

  /// How many clusters from one on need room, and have one table.
  long needy(long block, long limit) throws IOException {
    if (map.get(block) == COMPRESSED) {
      return 1;
    }
    return map.run(block, limit);
  }

  /// Finds out which room is free, before tables change.
  void begin() throws IOException {
    if (room.known()) {
      return;
    }
    // the tables that were read are those on disk
    storage.flush();
    var end = new Qcow1End(this);
    map.walk(end);
    if (end.cleared()) {
      cache.writeBack(L2);
      cache.writeBack(L1);
      storage.flush();
    }
    room.begin(header.up(end.position()), header.up(storage.size()));
  }

  /// A file that ends inside a cluster gets the rest of it.
  void completeFile() throws IOException {
    if (storage.size() % header.clusterSize() != 0) {
      begin();
    }
  }

  /// Clears an entry of any table.
  ///
  /// @param position where it stands in the file
  void clearEntry(long position) throws IOException {
    boolean first = position >= header.tablePosition() && position < header.tableEnd();
    cache.setLong(position, 0, first ? L1 : L2);
  }

  /// Gives an L2 table a copy at the end of the file, which is named instead.
  void moveTable(long index) throws IOException {
    long old = map.tableEntry(index);
    long bytes = header.up(Long.BYTES * (long) header.entries());
    long table = room.take(bytes);
    cache.clear(table, bytes, L2);
    for (int at = 0; at < header.entries(); at++) {
      cache.setLong(table + 8L * at, cache.getLong(old + 8L * at), L2);
    }
    map.setTable(index, table, L1);
    newRoom = true;
  }

  /// Sets the entry of a cluster; makes its table if there is none.
  void set(long block, long entry) throws IOException {
    if (!map.hasTable(block)) {
      long bytes = header.up(Long.BYTES * (long) header.entries());
      long table = room.take(bytes);
      cache.clear(table, bytes, L2);
      map.setTable(block >> header.tableBits(), table, L1);
    }
    map.set(block, entry, L2);
    newRoom = true;
  }

  /// Writes tables if they take too much memory.
  void relieve() throws IOException {
    if (cache.crowded()) {
      flush();
    }
  }

  /// Data come before the L2 entries that name them, and L2 tables before the L1 entries that name
  /// those. After a failure nothing is written any more.
  void flush() throws IOException {
    boolean fine = !broken;
    broken = true;
    if (fine && (cache.isDirty(L2) || cache.isDirty(L1))) {
      if (newRoom) {
        storage.flush();
        newRoom = false;
      }
      cache.writeBack(L2);
      if (cache.isDirty(L1)) {
        storage.flush();
        cache.writeBack(L1);
      }
    }
    storage.flush();
    broken = !fine;
  }

  /// Writes everything and gives back unused room at the end.
  void finish() throws IOException {
    if (!room.known() || broken) {
      return;
    }
    flush();
    room.trim();
    storage.flush();
  }

  /// Nothing is written any more.
  void fail() {
    broken = true;
  }

  /// Gives back what decoding takes.
  void close() {
    decoder.close();
  }
}
