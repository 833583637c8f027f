package dev.platter.format.qcow2;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.ReadOnlyException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// From the first change of an open image to its closing: the marks in the header, and the order in
/// which changes become durable.
final class QcowSession {
  private final QcowTables tables;
  private final QcowAllocator allocator;
  private final Limits limits;
  private final boolean versionThree;
  private long incompatible;
  private long autoclear;
  private boolean prepared;
  private boolean failed;

  QcowSession(QcowTables tables, QcowAllocator allocator, Limits limits) {
    QcowHeader header = tables.head.header();
    this.tables = tables;
    this.allocator = allocator;
    this.limits = limits;
    this.versionThree = header.version() > 2;
    this.incompatible = header.incompatible();
    this.autoclear = header.autoclear();
  }

  private boolean lazy() {
    return versionThree && (tables.head.header().compatible() & QcowFeatures.LAZY_REFCOUNTS) != 0;
  }

  /// Whether the data file must stay a raw image of the whole disk.
  boolean rawData() {
    return tables.external && (autoclear & QcowFeatures.RAW_DATA_FILE) != 0;
  }

  /// Whether counts may be too low because a writer was cut short. (An image that is marked as
  /// corrupt is only repaired when somebody asks for it.)
  boolean needsRepair() {
    return !prepared
        && (incompatible & (QcowFeatures.DIRTY | QcowFeatures.CORRUPT)) == QcowFeatures.DIRTY;
  }

  /// Before the first change: tells other programs what they may no longer believe.
  void prepare() throws IOException {
    refuseUnlessSound();
    boolean changed = extendToWholeClusters();
    long clear = autoclear & QcowFeatures.KNOWN_AUTOCLEAR;
    if ((clear & QcowFeatures.BITMAPS) != 0) {
      try {
        changed |= markBitmaps();
      } catch (ImageException _) {
        clear &= ~QcowFeatures.BITMAPS;
      }
    }
    long marks = lazy() ? incompatible | QcowFeatures.DIRTY : incompatible;
    changed |= setFeatures(marks, clear);
    if (changed) {
      tables.storage.flush();
    }
    prepared = true;
  }

  /// Before counts and tables change and what the guest reads does not: bitmaps stay true. Counts
  /// may be wrong for a while, which version 3 can tell.
  void prepareCounts() throws IOException {
    refuseUnlessSound();
    boolean changed = extendToWholeClusters();
    long marks = versionThree ? incompatible | QcowFeatures.DIRTY : incompatible;
    changed |= setFeatures(marks, autoclear & QcowFeatures.KNOWN_AUTOCLEAR);
    if (changed) {
      tables.storage.flush();
    }
    prepared = true;
  }

  /// Whether anything was changed.
  boolean prepared() {
    return prepared;
  }

  private void refuseUnlessSound() throws IOException {
    String file = tables.storage.name();
    if (!tables.storage.writable()) {
      throw new ReadOnlyException(file, "is opened read-only");
    }
    if ((incompatible & QcowFeatures.CORRUPT) != 0) {
      throw new ReadOnlyException(file, "is marked as corrupt; repair it before it is written");
    }
  }

  /// A file that ends inside its last cluster, or a data file that ends before the disk does: what
  /// is missing reads as zeros, but could not be written in place.
  private boolean extendToWholeClusters() throws IOException {
    long size = tables.head.header().size();
    if (tables.external && tables.data.size() < size) {
      tables.data.resize(size);
    }
    long end = tables.storage.size();
    long whole = end + tables.clusterSize - 1 & -(long) tables.clusterSize;
    tables.extend(whole);
    return whole != end;
  }

  /// Bitmaps that follow every change cannot follow ours: each is marked so that nobody trusts it.
  private boolean markBitmaps() throws IOException {
    boolean changed = false;
    for (QcowBitmap bitmap : QcowBitmap.read(tables.storage, tables.head, limits)) {
      if (bitmap.has(QcowBitmap.AUTO) && !bitmap.has(QcowBitmap.IN_USE)) {
        var flags =
            ByteBuffer.allocate(4).putInt((int) (bitmap.head().flags() | QcowBitmap.IN_USE));
        tables.storage.write(
            bitmap.position() + QcowBitmap.FLAGS_AT, MemorySegment.ofBuffer(flags.flip()));
        changed = true;
      }
    }
    return changed;
  }

  private boolean setFeatures(long newIncompatible, long newAutoclear) throws IOException {
    if (newIncompatible == incompatible && newAutoclear == autoclear) {
      return false;
    }
    tables.writeHeader(
        QcowHeader.FEATURES_AT,
        ByteBuffer.allocate(24)
            .putLong(newIncompatible)
            .putLong(tables.head.header().compatible())
            .putLong(newAutoclear));
    incompatible = newIncompatible;
    autoclear = newAutoclear;
    return true;
  }

  /// Refuses changes after one has failed half-way.
  void refuseAfterFailure() throws IOException {
    if (failed) {
      throw new ReadOnlyException(
          tables.storage.name(), "is read-only since an earlier change of it failed");
    }
  }

  /// A change failed: nothing more is written, except that a version 3 image which turned out to be
  /// damaged is marked so.
  void fail(IOException cause) throws IOException {
    failed = true;
    if (cause instanceof ImageException.Corrupt && prepared && versionThree) {
      setFeatures(incompatible | QcowFeatures.CORRUPT, autoclear);
      tables.storage.flush();
    }
  }

  /// Makes every change durable: data, counts of what will be pointed at, pointers from the bottom
  /// up; and only then lets go of what nothing points at any more.
  void flush() throws IOException {
    flush(lazy() && !tables.cache.crowded());
  }

  /// The same, and counts are not put off.
  void flushAll() throws IOException {
    flush(false);
  }

  private void flush(boolean countsLater) throws IOException {
    try {
      if (tables.external) {
        tables.data.flush();
      }
      tables.storage.flush();
      if (!countsLater) {
        writeBack(QcowTables.REFCOUNTS);
        writeBack(QcowTables.REFCOUNT_TABLE);
      }
      writeBack(QcowTables.L2);
      writeBack(QcowTables.L1);
      if (allocator.hasReleases()) {
        allocator.applyReleases();
        if (!countsLater) {
          tables.cache.writeBack(QcowTables.REFCOUNTS);
        }
      }
    } catch (IOException e) {
      fail(e);
      throw e;
    }
  }

  private void writeBack(int stage) throws IOException {
    if (tables.cache.isDirty(stage)) {
      tables.cache.writeBack(stage);
      tables.storage.flush();
    }
  }

  /// Flushes early if changes take too much memory.
  void relieve() throws IOException {
    if (tables.cache.crowded() || allocator.crowded()) {
      flush();
    }
  }

  /// Before closing: everything is written and the marks are taken back.
  void finish() throws IOException {
    if (!prepared || failed) {
      return;
    }
    flush(false);
    if ((incompatible & QcowFeatures.DIRTY) != 0) {
      tables.storage.flush();
    }
    if (setFeatures(incompatible & ~QcowFeatures.DIRTY, autoclear)) {
      tables.storage.flush();
    }
  }
}
