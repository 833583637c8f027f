package dev.platter.format.qcow2;

import dev.platter.format.qcow2.QcowShares.Root;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Makes, applies and deletes snapshots.
///
/// Counts go up, and marks of clusters that belong to the active disk alone go, before the header
/// names a new table; they go down, and marks come, after it names the old table no more. The
/// header changes by one write inside a sector.
final class QcowSnapshots {
  /// What QEMU has room for.
  private static final int LONGEST_NAME = 255;

  private static final int LONGEST_NUMBER = 18;
  private static final int EXTRA = 24;

  private final QcowTables tables;
  private final QcowAllocator allocator;
  private final QcowSession session;
  private final QcowShares shares;
  private final Limits limits;
  private final List<QcowSnapshot> present;

  QcowSnapshots(QcowTables tables, QcowAllocator allocator, QcowSession session, Limits limits)
      throws IOException {
    this.tables = tables;
    this.allocator = allocator;
    this.session = session;
    this.limits = limits;
    this.shares = new QcowShares(tables, allocator, session);
    this.present = QcowSnapshot.read(tables.storage, header(), limits);
  }

  private QcowHeader header() {
    return tables.head.header();
  }

  /// Where guest data is elsewhere, nothing counts its clusters.
  private void refuseDataFile() throws ImageException {
    if (tables.external) {
      throw new ImageException.Unsupported(
          tables.storage.name(), "keeps guest data in a data file, which no snapshot can keep");
    }
  }

  /// Keeps the active disk.
  ///
  /// @return the new snapshot's identifier
  String create(String name, Instant taken) throws IOException {
    refuseDataFile();
    byte[] label = name.getBytes(StandardCharsets.UTF_8);
    if (label.length > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "the snapshot's name has "
              + label.length
              + " bytes, a QCOW2 image has room for at most 255");
    }
    if (present.size() >= limits.snapshots()) {
      throw new ImageException.Unsupported(
          tables.storage.name(),
          "has " + present.size() + " snapshots, the limit is " + limits.snapshots());
    }
    Root active = shares.active();
    shares.check(active);
    session.prepareCounts();
    shares.raise(active);
    long l1 = copyL1(active, active.size());
    String id = nextId();
    List<byte[]> entries = entries(present);
    entries.add(entry(l1, id.getBytes(StandardCharsets.US_ASCII), label, taken));
    switchTable(entries);
    return id;
  }

  private byte[] entry(long l1, byte[] id, byte[] name, Instant taken) {
    var head =
        new QcowSnapshot.Head(
            l1,
            tables.l1Size(),
            id.length,
            name.length,
            taken.getEpochSecond() & 0xffff_ffffL,
            taken.getNano(),
            0,
            0,
            EXTRA);
    int length = QcowSnapshot.Head.STRUCT.size() + EXTRA + id.length + name.length;
    var out = ByteBuffer.allocate((length + 7) & -8);
    out.put(QcowSnapshot.Head.STRUCT.encode(head));
    // no machine state, the disk's size, and that instructions were not counted
    out.putLong(0).putLong(header().size()).putLong(-1);
    return out.put(id).put(name).array();
  }

  /// The number after the highest one, as QEMU gives them.
  private String nextId() {
    long highest = 0;
    for (QcowSnapshot snapshot : present) {
      highest = Math.max(highest, number(snapshot.id()));
    }
    return Long.toString(highest + 1);
  }

  private static long number(String id) {
    int digits = 0;
    while (digits < id.length() && id.charAt(digits) >= '0' && id.charAt(digits) <= '9') {
      digits++;
    }
    return digits == 0 || digits > LONGEST_NUMBER ? 0 : Long.parseLong(id.substring(0, digits));
  }

  private QcowSnapshot find(String id) {
    return QcowSnapshot.find(present, id, QcowSnapshot::id)
        .orElseThrow(() ->
            new IllegalArgumentException(
                tables.storage.name() + " has no snapshot with the ID '" + id + "'"));
  }

  private static Root root(QcowSnapshot snapshot) {
    QcowSnapshot.Head head = snapshot.head();
    return new Root("snapshot '" + snapshot.id() + "'", head.l1Offset(), head.l1Size());
  }

  /// Lets go of a snapshot.
  void delete(String id) throws IOException {
    refuseDataFile();
    QcowSnapshot snapshot = find(id);
    shares.check(root(snapshot));
    session.prepareCounts();
    List<QcowSnapshot> left = new ArrayList<>(present);
    left.remove(snapshot);
    switchTable(entries(left));
    shares.lower(root(snapshot));
    shares.settle();
  }

  /// Makes a snapshot's disk the active one.
  void apply(String id) throws IOException {
    refuseDataFile();
    QcowSnapshot snapshot = find(id);
    if ((header().autoclear() & QcowFeatures.BITMAPS) != 0
        && !QcowBitmap.read(tables.storage, tables.head, limits).isEmpty()) {
      throw new ImageException.Unsupported(
          tables.storage.name(), "has bitmaps, which would not follow a snapshot that is applied");
    }
    QcowHeader then = snapshot.disk(tables.storage.name(), header());
    Root kept = root(snapshot);
    Root active = shares.active();
    shares.check(kept);
    shares.check(active);
    session.prepareCounts();
    shares.raise(kept);
    long entries = Math.max(kept.size(), then.l1Needed());
    long l1 = copyL1(kept, entries);
    session.flushAll();
    tables.writeHeader(
        QcowHeader.SIZE_AT,
        ByteBuffer.allocate(24)
            .putLong(then.size())
            .putInt((int) then.cryptMethod())
            .putInt((int) entries)
            .putLong(l1));
    tables.storage.flush();
    tables.l1MovedTo(l1, entries);
    shares.lower(active);
  }

  /// A copy of an L1 table whose entries belong to nobody alone.
  private long copyL1(Root root, long entries) throws IOException {
    if (entries == 0) {
      return 0;
    }
    long place = room(8 * entries);
    var table = ByteBuffer.allocate((int) (8 * entries));
    for (long index = 0; index < root.size(); index++) {
      table.putLong(tables.cache.getLong(root.offset() + 8 * index) & ~L2Entry.COPIED);
    }
    tables.storage.write(place, MemorySegment.ofBuffer(table.clear()));
    return place;
  }

  private long room(long bytes) throws IOException {
    long clusters = (bytes + tables.clusterSize - 1) >>> tables.clusterBits;
    long place = allocator.allocateWhole((int) clusters).position();
    tables.cache.forget(place, clusters << tables.clusterBits);
    return place;
  }

  /// Entries as they stand in the file.
  private List<byte[]> entries(List<QcowSnapshot> snapshots) throws IOException {
    List<byte[]> entries = new ArrayList<>();
    for (QcowSnapshot snapshot : snapshots) {
      byte[] entry = new byte[snapshot.size()];
      long there = Math.min(entry.length, tables.storage.size() - snapshot.position());
      tables.storage.read(snapshot.position(), MemorySegment.ofArray(entry).asSlice(0, there));
      entries.add(entry);
    }
    return entries;
  }

  private void switchTable(List<byte[]> entries) throws IOException {
    long length = 0;
    for (byte[] entry : entries) {
      length += entry.length;
    }
    Limits.check(
        tables.storage.name(),
        "snapshot table in bytes",
        length,
        Math.min(QcowSnapshot.MAX_TABLE, limits.tables()));
    long place = length == 0 ? 0 : room(length);
    var table = ByteBuffer.allocate((int) length);
    entries.forEach(table::put);
    if (length > 0) {
      tables.storage.write(place, MemorySegment.ofBuffer(table.flip()));
    }
    session.flushAll();
    tables.writeHeader(
        QcowHeader.SNAPSHOTS_AT, ByteBuffer.allocate(12).putInt(entries.size()).putLong(place));
    tables.storage.flush();
    if (!present.isEmpty()) {
      QcowSnapshot last = present.getLast();
      long start = header().snapshotsOffset();
      allocator.release(start, last.position() + last.size() - start);
    }
  }
}
