package dev.platter.format.qcow2;

import dev.platter.image.Claim;
import dev.platter.image.Finding;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.function.Consumer;

/// Compares what the structures of an image refer to with its reference counts. Looks at the file
/// alone: what an open image has in memory must have been written.
final class QcowCheck {
  private final Storage storage;
  private final QcowHead head;
  private final QcowHeader header;
  private final Limits limits;
  private final long clusters;

  QcowCheck(Storage storage, QcowHead head, Limits limits) throws IOException {
    this.storage = storage;
    this.head = head;
    this.header = head.header();
    this.limits = limits;
    this.clusters = ((storage.size() - 1) >> header.clusterBits()) + 1;
  }

  /// Claims every cluster that something refers to, once: who may share what is judged by
  /// [#findings]. What is not in the file is claimed by each that refers to it.
  void claims(Consumer<Claim> sink) throws IOException {
    long size = storage.size();
    for (long first = 0; first < clusters; first += QcowCheckCounts.PART) {
      boolean once = first == 0;
      var counts = new QcowCheckCounts((int) header.clusterBits(), first, clusters);
      walk(
          new QcowCheckVisitor() {
            @Override
            public void reference(QcowCheckKind kind, long position, long length, long guest) {
              counts.reference(kind, position, length, guest);
            }

            @Override
            public void outside(QcowCheckKind kind, long position, long length, long guest) {
              if (once) {
                sink.accept(new Claim(name(kind, guest), position, length));
              }
            }
          });
      claimRuns(counts, size, sink);
    }
  }

  private void claimRuns(QcowCheckCounts counts, long size, Consumer<Claim> sink) {
    int bits = (int) header.clusterBits();
    for (int from = 0; from < counts.length(); ) {
      int to = from + 1;
      while (to < counts.length() && counts.alike(from, to)) {
        to++;
      }
      if (counts.count(from) > 0) {
        long start = (counts.first() + from) << bits;
        long end = Math.min((counts.first() + to) << bits, size);
        sink.accept(new Claim(counts.owner(from), start, end - start));
      }
      from = to;
    }
  }

  private static String name(QcowCheckKind kind, long guest) {
    return guest < 0 ? kind.label() : kind.label() + " of offset " + guest;
  }

  private void walk(QcowCheckVisitor visitor) throws IOException {
    new QcowCheckWalk(storage, head, limits, visitor).run();
  }

  /// Hands over entries that break the rules, and counts and flags that do not fit together.
  void findings(Consumer<Finding> sink) throws IOException {
    if (header.has(QcowFeatures.CORRUPT)) {
      corruption(sink, "the header has the corrupt bit set", "nobody writes to the image");
    }
    var stored = new QcowCheckRefcounts(storage, header);
    for (long first = 0; first < clusters; first += QcowCheckCounts.PART) {
      var counts = new QcowCheckCounts((int) header.clusterBits(), first, clusters);
      walk(first == 0 ? new Judging(counts, stored, sink) : counts);
      compare(counts, stored, sink);
    }
  }

  private void compare(QcowCheckCounts counts, QcowCheckRefcounts stored, Consumer<Finding> sink)
      throws IOException {
    for (int index = 0; index < counts.length(); index++) {
      long cluster = counts.first() + index;
      long found = stored.get(cluster);
      long expected = counts.count(index);
      if (found == QcowCheckRefcounts.UNKNOWN) {
        sink.accept(
            new Finding(
                Finding.Severity.ERROR, "the refcount of " + place(cluster) + " has no place", ""));
      } else if (found < expected) {
        corruption(
            sink,
            place(cluster)
                + " has refcount "
                + found
                + " and is referred to "
                + expected
                + " times",
            "a write elsewhere can destroy it");
      } else if (found > expected && counts.complete()) {
        sink.accept(
            Finding.leak(
                storage.name()
                    + ": "
                    + place(cluster)
                    + " has refcount "
                    + found
                    + " and is referred to "
                    + expected
                    + " times"));
      }
      if (counts.sharedBlock(index)) {
        corruption(sink, "the refcount block at " + place(cluster) + " is used twice", "");
      } else if (counts.overlaps(index) && found >= expected) {
        corruption(
            sink,
            place(cluster) + " is claimed by structures that cannot share it",
            "a change of one changes the other");
      }
    }
  }

  private String place(long cluster) {
    return "cluster " + cluster + " at " + (cluster << header.clusterBits());
  }

  private void corruption(Consumer<Finding> sink, String what, String guest) {
    sink.accept(Finding.corruption(storage.name() + ": " + what, guest));
  }

  /// Counts, and tells what is wrong with single entries.
  private final class Judging implements QcowCheckVisitor {
    private final QcowCheckCounts counts;
    private final QcowCheckRefcounts stored;
    private final Consumer<Finding> sink;

    private Judging(QcowCheckCounts counts, QcowCheckRefcounts stored, Consumer<Finding> sink) {
      this.counts = counts;
      this.stored = stored;
      this.sink = sink;
    }

    @Override
    public void reference(QcowCheckKind kind, long position, long length, long guest) {
      counts.reference(kind, position, length, guest);
    }

    @Override
    public void incomplete() {
      counts.incomplete();
    }

    @Override
    public void wrong(String what) {
      corruption(sink, what, "");
    }

    @Override
    public void counted(QcowCheckKind kind, long position, long entry) throws IOException {
      boolean single = kind == QcowCheckKind.DATA && header.has(QcowFeatures.DATA_FILE);
      long count = single ? 1 : stored.get(L2Entry.place(entry) >> header.clusterBits());
      if (count != QcowCheckRefcounts.UNKNOWN && (count == 1) != L2Entry.copied(entry)) {
        corruption(
            sink,
            "the entry at "
                + position
                + " of a "
                + kind.label()
                + " is 0x"
                + Long.toHexString(entry)
                + ": its copied flag does not fit refcount "
                + count,
            "a snapshot can be changed, or a copy is made in vain");
      }
    }
  }
}
