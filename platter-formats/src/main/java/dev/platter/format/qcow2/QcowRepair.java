package dev.platter.format.qcow2;

import dev.platter.image.Finding;
import dev.platter.image.Finding.Severity;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.Repairable.Repair;
import dev.platter.image.Repairable.Scope;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Mends an image in its file, in steps that are each durable before the next one begins, so that a
/// crash leaves what was there or something better:
///
/// 1. entries that point nowhere or have bits that mean nothing are mended,
/// 2. counts that are too low are raised, in place or in new refcount structures behind everything
///    that the image names, which the header switches to in one sector,
/// 3. copied flags of clusters with other counts than one are cleared,
/// 4. counts that are too high are lowered,
/// 5. copied flags of clusters with a count of one are set,
/// 6. the dirty and the corrupt bit are cleared if nothing is wrong any more.
final class QcowRepair {
  /// Repairs that are told of one by one.
  private static final int TOLD = 10_000;

  private final Storage storage;
  private final Limits limits;
  private final List<Repair> repairs = new ArrayList<>();
  private QcowHead head;

  QcowRepair(Storage storage, QcowHead head, Limits limits) {
    this.storage = storage;
    this.head = head;
    this.limits = limits;
  }

  /// The head of the image as it is now.
  QcowHead head() {
    return head;
  }

  /// Mends what can be mended.
  ///
  /// @return what was done, in order
  List<Repair> run(Scope scope) throws IOException {
    if (scope == Scope.ALL) {
      wholeClusters();
      mendEntries();
      if (!raise()) {
        rebuild();
      }
      flags(false);
      lower();
      flags(true);
      marks();
    } else if (lower()) {
      flags(true);
    }
    return repairs;
  }

  private int clusterBits() {
    return (int) head.header().clusterBits();
  }

  private long clusters() throws IOException {
    return ((storage.size() - 1) >> clusterBits()) + 1;
  }

  private void walk(QcowCheckVisitor visitor) throws IOException {
    new QcowCheckWalk(storage, head, limits, visitor).run();
  }

  private void told(Finding finding, String action) {
    if (repairs.size() < TOLD) {
      repairs.add(new Repair(finding, action));
    }
  }

  /// A file may end inside its last cluster: what is named there becomes readable.
  private void wholeClusters() throws IOException {
    long whole = clusters() << clusterBits();
    if (whole > storage.size()) {
      storage.resize(whole);
      storage.flush();
    }
  }

  private void mendEntries() throws IOException {
    var mending = new Mending();
    walk(mending);
    if (mending.changed) {
      storage.flush();
    }
  }

  private void write(long position, long value) throws IOException {
    storage.write(position, MemorySegment.ofArray(ByteBuffer.allocate(8).putLong(value).array()));
  }

  /// Mends entries while they are walked over.
  private final class Mending implements QcowCheckVisitor {
    private String what = "an entry";
    private boolean changed;

    @Override
    public void wrong(String found) {
      what = found;
    }

    @Override
    public void outside(QcowCheckKind kind, long position, long length, long guest) {
      what =
          kind.label()
              + " at "
              + position
              + (guest < 0 ? "" : " for offset " + guest)
              + " is not in the file";
    }

    @Override
    public boolean mend(long position, long mended) throws IOException {
      write(position, mended);
      changed = true;
      told(
          Finding.corruption(storage.name() + ": " + what, ""),
          "the entry at " + position + " became 0x" + Long.toHexString(mended));
      return true;
    }
  }

  /// Raises counts that are too low.
  ///
  /// @return whether all could be; if not, nothing was changed
  private boolean raise() throws IOException {
    var stored = new QcowCheckRefcounts(storage, head.header());
    long clusters = clusters();
    if (!usable(stored, clusters)) {
      return false;
    }
    boolean changed = false;
    for (long first = 0; first < clusters; first += QcowCheckCounts.PART) {
      var counts = new QcowCheckCounts(clusterBits(), first, clusters);
      walk(counts);
      for (int index = 0; index < counts.length(); index++) {
        long found = stored.get(first + index);
        long expected = Math.min(counts.count(index), stored.max());
        if (found < expected) {
          stored.set(first + index, expected);
          changed = true;
          told(Finding.corruption(mismatch(first + index, found, expected), ""), "raised");
        }
      }
    }
    if (changed) {
      stored.write();
      storage.flush();
    }
    return true;
  }

  private String mismatch(long cluster, long found, long expected) {
    return storage.name()
        + ": cluster "
        + cluster
        + " has refcount "
        + found
        + " and is referred to "
        + expected
        + " times";
  }

  /// Whether every count that is needed has a place, and no block is used for something else too.
  private boolean usable(QcowCheckRefcounts stored, long clusters) throws IOException {
    for (long first = 0; first < clusters; first += QcowCheckCounts.PART) {
      var counts = new QcowCheckCounts(clusterBits(), first, clusters);
      walk(counts);
      for (int index = 0; index < counts.length(); index++) {
        if (counts.sharedBlock(index)
            || (counts.count(index) > 0 && !stored.exists(first + index))) {
          return false;
        }
      }
    }
    return true;
  }

  private void rebuild() throws IOException {
    var rebuilding = new QcowRepairRefcounts(storage, head, limits);
    try {
      rebuilding.run();
    } catch (IllegalArgumentException e) {
      throw new ImageException.Unsupported(
          storage.name(), "its refcounts cannot be written anew: " + e.getMessage());
    }
    head = QcowHead.read(storage, limits);
    told(
        Finding.corruption(storage.name() + ": refcount structures are damaged", ""),
        "new ones were written at " + head.header().refcountOffset());
  }

  private boolean lower() throws IOException {
    var stored = new QcowCheckRefcounts(storage, head.header());
    long clusters = clusters();
    boolean changed = false;
    for (long first = 0; first < clusters; first += QcowCheckCounts.PART) {
      var counts = new QcowCheckCounts(clusterBits(), first, clusters);
      walk(counts);
      for (int index = 0; index < counts.length(); index++) {
        long found = stored.get(first + index);
        long expected = counts.count(index);
        if (found > expected && counts.complete()) {
          stored.set(first + index, expected);
          changed = true;
          told(Finding.leak(mismatch(first + index, found, expected)), "lowered");
        }
      }
    }
    if (changed) {
      stored.write();
      storage.flush();
    }
    return changed;
  }

  /// Makes the copied flag of entries fit the counts: clears it, or sets it.
  private void flags(boolean setting) throws IOException {
    var stored = new QcowCheckRefcounts(storage, head.header());
    var flagging = new Flagging(stored, setting);
    walk(flagging);
    if (flagging.changed) {
      storage.flush();
    }
  }

  private final class Flagging implements QcowCheckVisitor {
    private final QcowCheckRefcounts stored;
    private final boolean setting;
    private boolean changed;

    private Flagging(QcowCheckRefcounts stored, boolean setting) {
      this.stored = stored;
      this.setting = setting;
    }

    @Override
    public void counted(QcowCheckKind kind, long position, long entry) throws IOException {
      boolean own =
          (kind == QcowCheckKind.DATA && head.header().has(QcowFeatures.DATA_FILE))
              || stored.get(L2Entry.place(entry) >> clusterBits()) == 1;
      if (own == setting && own != L2Entry.copied(entry)) {
        write(position, entry ^ L2Entry.COPIED);
        changed = true;
        told(
            Finding.corruption(
                storage.name()
                    + ": the copied flag of the entry at "
                    + position
                    + " does not fit the refcount",
                ""),
            setting ? "set" : "cleared");
      }
    }
  }

  /// Clears the marks, if the image deserves it.
  private void marks() throws IOException {
    long marks = QcowFeatures.DIRTY | QcowFeatures.CORRUPT;
    QcowHeader header = head.header();
    if ((header.incompatible() & marks) == 0 || !sound()) {
      return;
    }
    write(QcowHeader.FEATURES_AT, header.incompatible() & ~marks);
    storage.flush();
    head = QcowHead.read(storage, limits);
    told(
        Finding.corruption(
            storage.name() + ": the header has the dirty or the corrupt bit set", ""),
        "cleared");
  }

  private boolean sound() throws IOException {
    var check = new QcowCheck(storage, head, limits);
    long size = storage.size();
    // the corrupt bit itself is one finding
    long[] wrong = {head.header().has(QcowFeatures.CORRUPT) ? -1 : 0};
    check.findings(f -> wrong[0] += f.severity() == Severity.LEAK ? 0 : 1);
    check.claims(c -> wrong[0] += c.position() < 0 || c.length() > size - c.position() ? 1 : 0);
    return wrong[0] == 0;
  }
}
