package dev.platter.format.qcow2;

import dev.platter.image.Mapping;
import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Finds room for guest bytes and enters it in the L2 tables.
final class QcowEditor {
  private final QcowTables tables;
  private final QcowMap map;
  private final QcowAllocator allocator;
  private final QcowSession session;
  private final int clusterBits;
  private final int clusterSize;
  private final int spanBits;
  private final int unit;
  private final long size;

  QcowEditor(QcowTables tables, QcowMap map, QcowAllocator allocator, QcowSession session) {
    this.tables = tables;
    this.map = map;
    this.allocator = allocator;
    this.session = session;
    this.clusterBits = tables.clusterBits;
    this.clusterSize = tables.clusterSize;
    this.spanBits = tables.l2Bits + clusterBits;
    this.unit = tables.extended ? clusterSize >>> Subclusters.BITS : clusterSize;
    this.size = tables.head.header().size();
  }

  /// Bytes that can be allocated alone.
  int unit() {
    return unit;
  }

  Reservation reserve(long offset, long length) throws IOException {
    session.relieve();
    writableL2(offset >>> spanBits);
    long spanEnd = ((offset >>> spanBits) + 1) << spanBits;
    long end = Math.min(offset + length, spanEnd);
    return tables.extended ? reserveSubclusters(offset, end) : reserveClusters(offset, end);
  }

  private QcowRoom reserveClusters(long offset, long end) throws IOException {
    long start = offset & -clusterSize;
    int wanted = (int) ((end - start + clusterSize - 1) >>> clusterBits);
    var step = new QcowMap.Step();
    map.locate(start, step);
    if (tables.external) {
      return inDataFile(start, start + ((long) countNew(start, wanted) << clusterBits));
    }
    if (step.kind == QcowMap.Kind.ZERO_ROOM || step.kind == QcowMap.Kind.STORED) {
      return inPlace(start, start + clusterSize, step.place);
    }
    QcowAllocator.Area area = allocator.allocate(countNew(start, wanted));
    long room = (long) area.clusters() << clusterBits;
    return allocated(start, start + room, area, area.position());
  }

  /// How many clusters from `start` on need a new place, the first included.
  private int countNew(long start, int wanted) throws IOException {
    var step = new QcowMap.Step();
    int count = 1;
    while (count < wanted) {
      map.locate(start + ((long) count << clusterBits), step);
      if (step.kind == QcowMap.Kind.STORED
          || (step.kind == QcowMap.Kind.ZERO_ROOM && !tables.external)) {
        break;
      }
      count++;
    }
    return count;
  }

  /// In a data file every cluster has its place; the last one ends with the disk.
  private QcowRoom inDataFile(long start, long end) {
    return inPlace(start, Math.min(end, size), start);
  }

  private QcowRoom inPlace(long start, long end, long position) {
    return new QcowRoom(
        this, start, end - start, tables.data, position, false, QcowRoom.Taken.NOTHING, 0);
  }

  private QcowRoom allocated(long start, long end, QcowAllocator.Area area, long position) {
    var taken = new QcowRoom.Taken(area.position(), (long) area.clusters() << clusterBits);
    // what was never written is zeros only where nothing is decrypted
    boolean zeroed = area.fresh() && !tables.encrypted;
    return new QcowRoom(this, start, end - start, tables.data, position, zeroed, taken, 0);
  }

  private QcowRoom reserveSubclusters(long offset, long end) throws IOException {
    long cluster = offset & -clusterSize;
    long start = offset & -unit;
    long stop = end + unit - 1 & -unit;
    long at = entryAt(cluster);
    long entry = tables.cache.getLong(at);
    boolean placed = L2Entry.place(entry) != 0 || tables.external;
    if (L2Entry.compressed(entry) || (placed && !L2Entry.copied(entry) && !tables.external)) {
      QcowAllocator.Area area = allocator.allocate(1);
      return allocated(cluster, cluster + clusterSize, area, area.position());
    }
    if (placed) {
      int first = (int) ((start - cluster) / unit);
      int used = Subclusters.allocated(tables.cache.getLong(at + 8)) & -2 << first;
      long free = cluster + (long) Math.min(Integer.numberOfTrailingZeros(used), 32) * unit;
      long limit = Math.min(stop, free);
      return tables.external
          ? inDataFile(start, limit)
          : inPlace(start, limit, L2Entry.place(entry) + start - cluster);
    }
    int wanted = (int) ((stop - cluster + clusterSize - 1) >>> clusterBits);
    int count = 1;
    while (count < wanted && isBare(cluster + ((long) count << clusterBits))) {
      count++;
    }
    QcowAllocator.Area area = allocator.allocate(count);
    long limit = Math.min(stop, cluster + ((long) area.clusters() << clusterBits));
    return allocated(start, limit, area, area.position() + start - cluster);
  }

  private boolean isBare(long offset) throws IOException {
    return (tables.cache.getLong(entryAt(offset)) & (L2Entry.PLACE | L2Entry.COMPRESSED)) == 0;
  }

  private long entryAt(long offset) throws IOException {
    return tables.l2Entry(tables.l2(offset >>> spanBits), offset >>> clusterBits);
  }

  /// Room for a compressed cluster.
  Reservation reserveEncoded(long offset, int encoded) throws IOException {
    session.relieve();
    writableL2(offset >>> spanBits);
    long position = allocator.allocateBytes(encoded);
    return new QcowRoom(
        this,
        offset,
        clusterSize,
        tables.storage,
        position,
        false,
        new QcowRoom.Taken(position, encoded),
        encoded);
  }

  void cancel(QcowRoom room) throws IOException {
    if (room.taken().length() > 0) {
      allocator.cancel(room.taken().position(), room.taken().length());
    }
  }

  void publish(QcowRoom room) throws IOException {
    if (room.encoded() > 0) {
      long entry = L2Entry.encoded(room.position(), room.encoded(), clusterBits);
      replace(entryAt(room.offset()), entry, 0);
      return;
    }
    long end = room.offset() + room.length();
    for (long at = room.offset() & -clusterSize; at < end; at += clusterSize) {
      long place = room.position() + at - room.offset();
      if (tables.extended) {
        long from = Math.max(at, room.offset());
        publishSubclusters(at, place, from, Math.min(end, at + clusterSize));
      } else {
        replace(entryAt(at), place | L2Entry.COPIED, 0);
      }
    }
  }

  private void publishSubclusters(long cluster, long place, long from, long to) throws IOException {
    long at = entryAt(cluster);
    long old = tables.cache.getLong(at);
    long bitmap = L2Entry.compressed(old) ? 0 : tables.cache.getLong(at + 8);
    int first = (int) ((from - cluster) / unit);
    int count = (int) ((to - from + unit - 1) / unit);
    long entry = place | L2Entry.COPIED;
    replace(at, entry, Subclusters.allocate(bitmap, Subclusters.mask(first, count)));
  }

  /// Changes an entry, and lets go of what the old one pointed at.
  private void replace(long at, long entry, long bitmap) throws IOException {
    long old = tables.cache.getLong(at);
    tables.cache.setLong(at, entry, QcowTables.L2);
    if (tables.extended) {
      tables.cache.setLong(at + 8, bitmap, QcowTables.L2);
    }
    if (L2Entry.compressed(old)) {
      long position = L2Entry.encodedPosition(old, clusterBits);
      allocator.release(position, L2Entry.encodedLength(old, clusterBits));
    } else if (L2Entry.place(old) != 0
        && !tables.external
        && (L2Entry.compressed(entry) || L2Entry.place(entry) != L2Entry.place(old))) {
      allocator.release(L2Entry.place(old), clusterSize);
    }
  }

  /// The L2 table of an L1 entry, made or copied if there is none that is the active disk's alone.
  private long writableL2(long index) throws IOException {
    if (index >= tables.l1Size()) {
      lengthenL1();
    }
    long entry = tables.l1(index);
    long old = tables.l2(index);
    if (old != 0 && L2Entry.copied(entry)) {
      return old;
    }
    long table = allocator.allocate(1).position();
    tables.cache.clear(table, clusterSize, QcowTables.L2);
    if (old != 0) {
      for (int at = 0; at < clusterSize; at += 8) {
        long value = tables.cache.getLong(old + at);
        boolean flags = !tables.extended || at % 16 == 0;
        tables.cache.setLong(table + at, flags ? value & ~L2Entry.COPIED : value, QcowTables.L2);
      }
      allocator.release(old, clusterSize);
    }
    tables.setL1(index, table | L2Entry.COPIED);
    return table;
  }

  /// Some writers leave an L1 table that is shorter than the disk needs.
  private void lengthenL1() throws IOException {
    session.flush();
    long entries = tables.head.header().l1Needed();
    int clusters = (int) ((8 * entries + clusterSize - 1) >>> clusterBits);
    QcowAllocator.Area area = allocator.allocateWhole(clusters);
    var table = ByteBuffer.allocate(clusters << clusterBits);
    for (long index = 0; index < tables.l1Size(); index++) {
      table.putLong(tables.l1(index));
    }
    tables.storage.write(area.position(), MemorySegment.ofBuffer(table.clear()));
    session.flush();
    tables.writeHeader(
        QcowHeader.L1_AT, ByteBuffer.allocate(12).putInt((int) entries).putLong(area.position()));
    tables.storage.flush();
    long oldLength = 8 * tables.l1Size();
    long oldOffset = tables.l1Offset();
    tables.cache.forget(oldOffset, oldLength);
    tables.cache.forget(area.position(), (long) clusters << clusterBits);
    tables.l1MovedTo(area.position(), entries);
    if (oldLength > 0) {
      allocator.cancel(oldOffset, oldLength);
    }
  }

  /// Makes the cluster of a compressed entry a plain one, so that a part of it can change.
  private void unpack(long cluster, long at, long entry) throws IOException {
    Mapping.EncodedUnit encoded = map.encodedUnit(cluster, entry);
    Storage storage = encoded.storage();
    long there = Math.min(storage.size() - encoded.position(), encoded.stored());
    var stored = MemorySegment.ofArray(new byte[(int) there]);
    var bytes = MemorySegment.ofArray(new byte[clusterSize]);
    storage.read(encoded.position(), stored);
    encoded.decoder().decode(stored, bytes);
    long place = allocator.allocate(1).position();
    storage.write(place, bytes);
    replace(at, place | L2Entry.COPIED, Subclusters.ALL_ALLOCATED);
  }

  /// What is to become of a run.
  enum Change {
    /// The parent shows through.
    DISCARD,
    /// Zeros, room given back.
    ZERO,
    /// Zeros, room kept.
    ZERO_KEEPING_ROOM
  }

  /// Changes whole units; `end` may be the end of the disk inside one.
  void change(long offset, long end, Change change) throws IOException {
    long stop = end == size ? end + clusterSize - 1 & -clusterSize : end;
    long at = offset;
    while (at < stop) {
      session.relieve();
      long spanEnd = Math.min(((at >>> spanBits) + 1) << spanBits, stop);
      boolean marks = change != Change.DISCARD && tables.head.backing().isPresent();
      if (tables.l2(at >>> spanBits) != 0 || marks) {
        changeSpan(at, spanEnd, change, marks);
      }
      at = spanEnd;
    }
  }

  private void changeSpan(long offset, long end, Change change, boolean marks) throws IOException {
    boolean writable = false;
    for (long at = offset; at < end; ) {
      long cluster = at & -clusterSize;
      long next = Math.min(cluster + clusterSize, end);
      if (!writable && (marks || isAnything(cluster))) {
        writableL2(at >>> spanBits);
        writable = true;
      }
      if (writable) {
        if (tables.extended) {
          changeSubclusters(cluster, at, next, change, marks);
        } else {
          changeCluster(cluster, change, marks);
        }
      }
      at = next;
    }
  }

  private boolean isAnything(long cluster) throws IOException {
    long at = entryAt(cluster);
    return tables.cache.getLong(at) != 0 || (tables.extended && tables.cache.getLong(at + 8) != 0);
  }

  private void changeCluster(long cluster, Change change, boolean marks) throws IOException {
    long at = entryAt(cluster);
    long old = tables.cache.getLong(at);
    boolean keeps = change == Change.ZERO_KEEPING_ROOM && L2Entry.copied(old);
    long mark = change != Change.DISCARD && (marks || old != 0) ? L2Entry.ZERO : 0;
    long entry = keeps ? old | L2Entry.ZERO : mark;
    if (entry != old) {
      replace(at, entry, 0);
      punchData(cluster, cluster + clusterSize, keeps);
    }
  }

  private void changeSubclusters(long cluster, long from, long to, Change change, boolean marks)
      throws IOException {
    long at = entryAt(cluster);
    if (L2Entry.compressed(tables.cache.getLong(at))) {
      if (to - from < clusterSize) {
        unpack(cluster, at, tables.cache.getLong(at));
      } else {
        replace(at, 0, 0);
        tables.cache.setLong(at + 8, Subclusters.ALL_ALLOCATED, QcowTables.L2);
      }
    }
    long old = tables.cache.getLong(at);
    long bitmap = tables.cache.getLong(at + 8);
    int mask = Subclusters.mask((int) ((from - cluster) / unit), (int) ((to - from) / unit));
    int known = Subclusters.allocated(bitmap) | Subclusters.zeros(bitmap);
    int zeros = change == Change.DISCARD ? 0 : marks ? mask : mask & known;
    long changed = Subclusters.zero(Subclusters.discard(bitmap, mask), zeros);
    boolean keeps = change == Change.ZERO_KEEPING_ROOM && L2Entry.copied(old);
    boolean needed = keeps || Subclusters.allocated(changed) != 0;
    if (changed != bitmap || !needed) {
      replace(at, needed ? old : 0, changed);
      punchData(from, to, keeps);
    }
  }

  /// Gives back room in a data file, where nothing else can move in before the next flush.
  private void punchData(long from, long to, boolean keep) throws IOException {
    if (tables.external && !keep) {
      zeroData(from, to, false);
    }
  }

  /// Makes a part of the data file zeros.
  void zeroData(long from, long to, boolean keep) throws IOException {
    long end = Math.min(Math.min(to, size), tables.data.size());
    if (from < end && keep) {
      tables.data.zero(from, end - from);
    } else if (from < end) {
      tables.data.punch(from, end - from);
    }
  }
}
