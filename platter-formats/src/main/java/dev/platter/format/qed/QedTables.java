package dev.platter.format.qed;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.Mapping;
import dev.platter.io.Storage;
import dev.platter.map.BlockMap;
import dev.platter.map.TableCache;
import dev.platter.map.TailRoom;
import dev.platter.map.TwoLevelMap;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What changes in an image: tables, marks in the header, and the end of what is taken of the file.
///
/// Room is given out behind everything that a table names. What a crash left there is used again.
final class QedTables {
  static final int L2 = 0;
  static final int L1 = 1;

  /// The entry of a cluster that reads as zeros.
  static final long ZERO = 1;

  private static final int LARGEST_PAGE = 64 << 10;

  private final Storage storage;
  private volatile QedHeader header;
  private final TableCache cache;
  private final TwoLevelMap map;
  private volatile long features;
  private volatile long knownEnd;
  private final TailRoom room;
  private boolean newRoom;
  private boolean broken;

  QedTables(Storage storage, QedHeader header, Limits limits) {
    this.storage = storage;
    this.room = new TailRoom(storage);
    this.header = header;
    this.features = header.features();
    int page = (int) Math.min(header.clusterSize(), LARGEST_PAGE);
    this.cache = new TableCache(storage, ByteOrder.LITTLE_ENDIAN, 0, page, limits.tableCache());
    var shape =
        new TwoLevelMap.Shape(
            header.tablePosition(), header.entries(), header.entries(), header.clusterSize());
    this.map = new TwoLevelMap(cache, shape, new Meaning());
  }

  /// The header was written anew: as it stands there now.
  QedHeader headerChanged() throws IOException {
    header = QedHeader.STRUCT.read(storage, 0);
    features = header.features();
    return header;
  }

  /// What entries mean. In an image that was not closed those that make no sense are what a check
  /// would make of them: not there.
  private final class Meaning implements TwoLevelMap.Entries {
    @Override
    public long table(long index, long entry) throws IOException {
      if (isTable(entry)) {
        return entry;
      }
      return senseless("L1 entry " + index + " at " + map.tablePosition(index), entry);
    }

    @Override
    public long place(long block, long entry) throws IOException {
      if (entry == ZERO) {
        return BlockMap.ZERO;
      }
      if (isPlace(entry)) {
        return entry;
      }
      return senseless("L2 entry of cluster " + block + " at " + map.position(block), entry);
    }

    private long senseless(String what, long entry) throws IOException {
      if (needsCheck()) {
        return BlockMap.UNALLOCATED;
      }
      throw new ImageException.Corrupt(storage.name(), what + " " + fault(entry));
    }
  }

  /// What is wrong with an entry that is no place.
  String fault(long entry) throws IOException {
    return "is 0x"
        + Long.toHexString(entry)
        + ", expected a multiple of "
        + header.clusterSize()
        + " behind the header and inside the file of "
        + storage.size()
        + " bytes";
  }

  /// Whether a table can be at a position.
  boolean isTable(long entry) throws IOException {
    return isPlace(entry) && inFile(entry + header.tableBytes());
  }

  /// Whether a cluster can be at a position. The file may end inside it.
  boolean isPlace(long entry) throws IOException {
    return entry >= header.headerEnd()
        && entry % header.clusterSize() == 0
        && entry < TailRoom.LARGEST_FILE
        && inFile(entry + 1);
  }

  private boolean inFile(long end) throws IOException {
    if (end > knownEnd) {
      knownEnd = storage.size();
    }
    return end <= knownEnd;
  }

  Storage storage() {
    return storage;
  }

  QedHeader header() {
    return header;
  }

  TwoLevelMap map() {
    return map;
  }

  /// Room at the end of the file.
  TailRoom room() {
    return room;
  }

  /// The features as they are on disk.
  long features() {
    return features;
  }

  /// Whether the image was changed and not closed, by somebody else.
  boolean needsCheck() {
    return !room.known() && (features & QedHeader.NEED_CHECK) != 0;
  }

  /// The longest run from `offset` on that is of one kind and in one piece. A cluster that the
  /// file's end cuts reads as zeros from there.
  Mapping map(long offset, long length) throws IOException {
    Mapping found = map.map(storage, offset, length);
    if (!(found instanceof Mapping.Stored(_, long position, long run)) || inFile(position + run)) {
      return found;
    }
    long there = storage.size() - position;
    return there > 0
        ? new Mapping.Stored(storage, position, Math.min(run, there))
        : new Mapping.Zero(Math.min(run, header.clusterSize() - offset % header.clusterSize()));
  }

  /// Marks the image as changed, and finds out which room is free, before tables change.
  void begin() throws IOException {
    if (room.known()) {
      return;
    }
    if (needsCheck()) {
      throw new ImageException.Corrupt(
          storage.name(), "was not closed and must be checked before it is written");
    }
    // the tables that were read are those on disk
    storage.flush();
    room.begin(new QedCheck(this).end(), header.up(storage.size()));
    writeFeatures(features | QedHeader.NEED_CHECK);
    storage.flush();
  }

  /// A file that ends inside a cluster gets the rest of it.
  void completeFile() throws IOException {
    long size = storage.size();
    if (size % header.clusterSize() != 0) {
      storage.resize(header.up(size));
    }
  }

  /// Writes the header's features.
  void writeFeatures(long value) throws IOException {
    if (value != features) {
      write("features", value);
      features = value;
    }
  }

  /// Writes a field of the header that has eight bytes.
  void write(String field, long value) throws IOException {
    byte[] bytes = new byte[Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    storage.write(QedHeader.STRUCT.offset(field), MemorySegment.ofArray(bytes));
  }

  /// Sets the entry of a cluster; makes its table if there is none.
  void set(long block, long entry) throws IOException {
    if (!map.hasTable(block)) {
      long table = room.take(header.tableBytes());
      cache.clear(table, header.tableBytes(), L2);
      map.setTable(block / header.entries(), table, L1);
      newRoom = true;
    }
    map.set(block, entry, L2);
    if (entry > ZERO) {
      newRoom = true;
    }
  }

  /// Clears an entry of any table.
  ///
  /// @param position where it stands in the file
  void clearEntry(long position) throws IOException {
    boolean first =
        position >= header.tablePosition()
            && position < header.tablePosition() + header.tableBytes();
    cache.setLong(position, 0, first ? L1 : L2);
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
    if (fine && changed()) {
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

  private boolean changed() {
    return cache.isDirty(L2) || cache.isDirty(L1);
  }

  /// Writes everything, gives back unused room at the end, and takes back the mark.
  void finish() throws IOException {
    if (!room.known() || broken) {
      return;
    }
    flush();
    room.trim();
    writeFeatures(features & ~QedHeader.NEED_CHECK);
    storage.flush();
  }

  /// Forgets what is free: tables were repaired.
  void restart() {
    room.restart();
    knownEnd = 0;
  }

  /// Nothing is written any more.
  void fail() {
    broken = true;
  }
}
