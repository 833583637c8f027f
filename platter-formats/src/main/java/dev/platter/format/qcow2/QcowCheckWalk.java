package dev.platter.format.qcow2;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Walks over every structure of an image, as the file has it now, and tells a visitor. Takes the
/// memory of one table.
final class QcowCheckWalk {
  private static final long BITMAP_RESERVED = 0xff00_0000_0000_01feL;

  /// Bytes of extra data that a snapshot of a version 3 image must have.
  private static final int SNAPSHOT_EXTRA = 16;

  private final Storage storage;
  private final QcowHead head;
  private final QcowHeader header;
  private final Limits limits;
  private final QcowCheckEntry judge;
  private final QcowCheckVisitor visitor;
  private final long fileSize;

  QcowCheckWalk(Storage storage, QcowHead head, Limits limits, QcowCheckVisitor visitor)
      throws IOException {
    this.storage = storage;
    this.head = head;
    this.header = head.header();
    this.limits = limits;
    this.visitor = visitor;
    this.fileSize = storage.size();
    this.judge =
        new QcowCheckEntry(
            (int) header.clusterBits(), header.extended(), header.has(QcowFeatures.DATA_FILE));
  }

  /// Walks: guest data, snapshots and bitmaps first, then the refcount structures.
  void run() throws IOException {
    inside(QcowCheckKind.HEADER, 0, header.clusterSize(), -1);
    l1Table(QcowCheckKind.L1, header.l1Offset(), header.l1Size());
    snapshots();
    if ((header.autoclear() & QcowFeatures.BITMAPS) != 0) {
      bitmaps();
    }
    encryption();
    refcounts();
  }

  private boolean inside(QcowCheckKind kind, long position, long length, long guest)
      throws IOException {
    if (length <= 0) {
      return true;
    }
    // a file may end before its last cluster does
    if (position < 0
        || length > Long.MAX_VALUE - position
        || position + length - fileSize >= header.clusterSize()) {
      visitor.outside(kind, position, length, guest);
      return false;
    }
    visitor.reference(kind, position, length, guest);
    return true;
  }

  private void l1Table(QcowCheckKind kind, long position, long entries) throws IOException {
    inside(kind, position, entries * Long.BYTES, -1);
    var l1 = new QcowCheckTable(storage, header.clusterSize());
    var l2 = new QcowCheckTable(storage, header.clusterSize());
    // more tables than clusters can only be the same ones again and again
    long tables = fileSize / header.clusterSize() + 1;
    for (long index = 0; index < entries; index++) {
      long at = position + index * Long.BYTES;
      long entry = l1.get(at);
      if (entry == 0) {
        continue;
      }
      if (tables-- == 0) {
        visitor.wrong(kind.label() + " at " + position + " has more L2 tables than the file has");
        return;
      }
      l1Entry(kind, at, entry, index * header.l2Span(), l2);
    }
  }

  private void l1Entry(QcowCheckKind kind, long at, long found, long guest, QcowCheckTable l2)
      throws IOException {
    long entry = found;
    Optional<QcowCheckEntry.Verdict> verdict = judge.l1(entry);
    if (verdict.isPresent()) {
      tell(kind.label(), at, entry, guest, verdict.get().what());
      entry = visitor.mend(at, verdict.get().entry()) ? verdict.get().entry() : entry;
    }
    long place = L2Entry.place(entry);
    if (place == 0) {
      return;
    }
    boolean readable = inside(QcowCheckKind.L2, place, header.clusterSize(), guest);
    if (!readable && visitor.mend(at, 0)) {
      return;
    }
    if (kind == QcowCheckKind.L1) {
      visitor.counted(QcowCheckKind.L2, at, entry);
    }
    if (readable) {
      l2Table(kind, place, guest, l2);
    }
  }

  private void l2Table(QcowCheckKind kind, long position, long guest, QcowCheckTable table)
      throws IOException {
    int size = header.l2EntrySize();
    long count = 1L << header.l2Bits();
    for (long index = 0; index < count; index++) {
      long at = position + index * size;
      long entry = table.get(at);
      long bitmap = size == 16 ? table.get(at + 8) : 0;
      if (entry != 0 || bitmap != 0) {
        l2Entry(kind, at, entry, bitmap, guest + (index << header.clusterBits()));
      }
    }
  }

  private void l2Entry(QcowCheckKind kind, long at, long found, long bitmap, long guest)
      throws IOException {
    long entry = found;
    Optional<QcowCheckEntry.Verdict> verdict = judge.l2(entry, bitmap);
    if (verdict.isPresent()) {
      tell("L2 table", at, entry, guest, verdict.get().what());
      long mended = verdict.get().entry();
      if (entry == mended || visitor.mend(at, mended)) {
        entry = mended;
      }
      if (bitmap != verdict.get().bitmap()) {
        visitor.mend(at + 8, verdict.get().bitmap());
      }
    }
    if (L2Entry.compressed(entry)) {
      encoded(at, entry, bitmap, guest);
    } else if (judge.allocated(entry)) {
      boolean there =
          judge.dataFile()
              || inside(QcowCheckKind.DATA, L2Entry.place(entry), header.clusterSize(), guest);
      boolean mended = !there && visitor.mend(at, 0);
      if (mended && bitmap != 0) {
        visitor.mend(at + 8, bitmap & Subclusters.ALL_ZERO);
      }
      if (!mended && kind == QcowCheckKind.L1) {
        visitor.counted(QcowCheckKind.DATA, at, entry);
      }
    }
  }

  private void encoded(long at, long entry, long bitmap, long guest) throws IOException {
    if (judge.dataFile() || bitmap != 0) {
      return;
    }
    int bits = (int) header.clusterBits();
    long position = L2Entry.encodedPosition(entry, bits);
    int length = L2Entry.encodedLength(entry, bits);
    long sector = position & -512;
    if (!inside(QcowCheckKind.COMPRESSED, sector, position + length - sector, guest)) {
      visitor.mend(at, 0);
    }
  }

  private void tell(String table, long at, long entry, long guest, String what) throws IOException {
    visitor.wrong(
        table
            + " entry at "
            + at
            + " for offset "
            + guest
            + " is 0x"
            + Long.toHexString(entry)
            + ": it "
            + what);
  }

  private void snapshots() throws IOException {
    if (header.snapshotCount() == 0) {
      return;
    }
    List<QcowSnapshot> snapshots;
    try {
      snapshots = QcowSnapshot.read(storage, header, limits);
    } catch (ImageException e) {
      visitor.wrong("the snapshot table cannot be read: " + e.getMessage());
      visitor.incomplete();
      return;
    }
    for (QcowSnapshot snapshot : snapshots) {
      if (header.version() >= 3 && snapshot.extra().length() < SNAPSHOT_EXTRA) {
        visitor.wrong(
            "snapshot '"
                + snapshot.name()
                + "' at "
                + snapshot.position()
                + " has extra_data_size "
                + snapshot.extra().length()
                + ", expected at least 16");
      }
      if (judge.aligned(snapshot.head().l1Offset())) {
        l1Table(QcowCheckKind.SNAPSHOT_L1, snapshot.head().l1Offset(), snapshot.head().l1Size());
      } else {
        visitor.wrong(
            "snapshot '"
                + snapshot.name()
                + "' at "
                + snapshot.position()
                + " has l1_table_offset "
                + snapshot.head().l1Offset()
                + ", which is not aligned to a cluster");
        visitor.incomplete();
      }
    }
    QcowSnapshot last = snapshots.getLast();
    long end = last.position() + last.size();
    inside(QcowCheckKind.SNAPSHOTS, header.snapshotsOffset(), end - header.snapshotsOffset(), -1);
  }

  private void bitmaps() throws IOException {
    Optional<QcowExtension> extension = head.extension(QcowExtension.BITMAPS);
    if (extension.isEmpty()) {
      return;
    }
    try {
      var directory = QcowBitmap.Directory.of(storage.name(), extension.get());
      inside(QcowCheckKind.BITMAPS, directory.offset(), directory.size(), -1);
      for (QcowBitmap bitmap : QcowBitmap.read(storage, head, limits)) {
        bitmap(bitmap);
      }
    } catch (ImageException e) {
      visitor.wrong("the bitmap directory cannot be read: " + e.getMessage());
      visitor.incomplete();
    }
  }

  private void bitmap(QcowBitmap bitmap) throws IOException {
    long position = bitmap.head().tableOffset();
    long entries = bitmap.head().tableSize();
    if (!judge.aligned(position)) {
      visitor.wrong(
          "bitmap '"
              + bitmap.name()
              + "' has a table at "
              + position
              + ", which is not aligned to a cluster");
      visitor.incomplete();
      return;
    }
    if (!inside(QcowCheckKind.BITMAP_TABLE, position, entries * Long.BYTES, -1)) {
      return;
    }
    var table = new QcowCheckTable(storage, header.clusterSize());
    for (long index = 0; index < entries; index++) {
      long entry = table.get(position + index * Long.BYTES);
      long place = L2Entry.place(entry);
      if ((entry & BITMAP_RESERVED) != 0
          || (place != 0 && (entry & 1) != 0)
          || !judge.aligned(place)) {
        visitor.wrong(
            "bitmap '"
                + bitmap.name()
                + "' has entry 0x"
                + Long.toHexString(entry)
                + " at "
                + (position + index * Long.BYTES)
                + ", which has reserved bits set");
      } else if (place != 0) {
        inside(QcowCheckKind.BITMAP_DATA, place, header.clusterSize(), -1);
      }
    }
  }

  private void encryption() throws IOException {
    Optional<QcowExtension> extension = head.extension(QcowExtension.ENCRYPTION);
    if (extension.isPresent() && extension.get().data().length() >= 16) {
      var place = java.nio.ByteBuffer.wrap(extension.get().data().toArray());
      inside(QcowCheckKind.ENCRYPTION, place.getLong(), place.getLong(), -1);
    }
  }

  private void refcounts() throws IOException {
    long bytes = header.refcountClusters() << header.clusterBits();
    if (!inside(QcowCheckKind.REFCOUNT_TABLE, header.refcountOffset(), bytes, -1)) {
      return;
    }
    var table = new QcowCheckTable(storage, header.clusterSize());
    for (long at = header.refcountOffset(); at < header.refcountOffset() + bytes; at += 8) {
      long entry = table.get(at);
      Optional<QcowCheckEntry.Verdict> verdict = judge.refcountBlock(entry);
      if (verdict.isPresent()) {
        visitor.wrong(
            "refcount table entry at "
                + at
                + " is 0x"
                + Long.toHexString(entry)
                + ": it "
                + verdict.get().what());
        visitor.mend(at, verdict.get().entry());
      } else if (entry < 0 || entry >= fileSize) {
        visitor.outside(QcowCheckKind.REFCOUNT_BLOCK, entry, header.clusterSize(), -1);
        visitor.mend(at, 0);
      } else if (entry != 0) {
        visitor.reference(QcowCheckKind.REFCOUNT_BLOCK, entry, header.clusterSize(), -1);
      }
    }
  }
}
