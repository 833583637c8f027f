package dev.platter.format.qcow2;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Writes all reference counts anew, behind everything that the image names, and switches the
/// header to them. Takes the memory of one part of the counts and of one block.
final class QcowRepairRefcounts {
  /// How far behind the file's end what it names may be, so that counts up to there make sense.
  private static final long FAR = 1L << 40;

  private static final int PIECE = 64 << 10;

  private final Storage storage;
  private final QcowHead head;
  private final Limits limits;
  private final int clusterBits;
  private final RefcountWidth width;

  QcowRepairRefcounts(Storage storage, QcowHead head, Limits limits) {
    this.storage = storage;
    this.head = head;
    this.limits = limits;
    this.clusterBits = (int) head.header().clusterBits();
    this.width = new RefcountWidth((int) head.header().refcountOrder());
  }

  /// Writes the counts and makes them the image's.
  ///
  /// @throws IllegalArgumentException if there would be too many
  void run() throws IOException {
    long others = namedEnd() >> clusterBits;
    var plan = QcowPlanRefcounts.of(clusterBits, width.order(), others);
    long blocks = others << clusterBits;
    long table = blocks + (plan.blocks() << clusterBits);
    writeBlocks(plan, blocks, others);
    writeTable(plan, table, blocks);
    storage.flush();
    var fields = ByteBuffer.allocate(12).putLong(table).putInt((int) plan.table());
    storage.write(QcowHeader.REFCOUNT_TABLE_AT, MemorySegment.ofArray(fields.array()));
    storage.flush();
  }

  /// The first cluster's position behind the file and everything that is named.
  private long namedEnd() throws IOException {
    long size = storage.size();
    long[] end = {size};
    walk(
        new QcowCheckVisitor() {
          @Override
          public void reference(QcowCheckKind kind, long position, long length, long guest) {
            end[0] = Math.max(end[0], position + length);
          }

          @Override
          public void outside(QcowCheckKind kind, long position, long length, long guest)
              throws IOException {
            if (kind == QcowCheckKind.REFCOUNT_TABLE) {
              return;
            }
            if (position < 0 || position > size + FAR || length > FAR) {
              throw new ImageException.Corrupt(
                  storage.name(),
                  kind.label()
                      + " at "
                      + Long.toUnsignedString(position)
                      + " is far behind the file's end at "
                      + size
                      + ": it cannot be repaired");
            }
            end[0] = Math.max(end[0], position + length);
          }
        });
    return (end[0] + (1L << clusterBits) - 1) & -(1L << clusterBits);
  }

  private void walk(QcowCheckVisitor visitor) throws IOException {
    new QcowCheckWalk(storage, head, limits, visitor).run();
  }

  private void writeBlocks(QcowPlanRefcounts plan, long position, long others) throws IOException {
    byte[] block = new byte[1 << clusterBits];
    int blockBits = width.blockBits(clusterBits);
    long covered = plan.blocks() << blockBits;
    long clusters = Math.min(plan.clusters(), covered);
    QcowCheckCounts counts = part(0, others);
    for (long cluster = 0; cluster < covered; cluster++) {
      long count = 0;
      if (cluster < others) {
        if (cluster == counts.first() + counts.length()) {
          counts = part(cluster, others);
        }
        count = Math.min(counts.count((int) (cluster - counts.first())), width.max());
      } else if (cluster < clusters) {
        count = 1;
      }
      int index = (int) (cluster & ((1L << blockBits) - 1));
      width.set(block, index, count);
      if (index == (1L << blockBits) - 1) {
        storage.write(
            position + ((cluster >> blockBits) << clusterBits), MemorySegment.ofArray(block));
      }
    }
  }

  /// Counts of the clusters from one on, without the refcount structures that are given up.
  private QcowCheckCounts part(long first, long others) throws IOException {
    var counts = new QcowCheckCounts(clusterBits, first, others);
    walk(
        new QcowCheckVisitor() {
          @Override
          public void reference(QcowCheckKind kind, long position, long length, long guest) {
            if (kind != QcowCheckKind.REFCOUNT_TABLE && kind != QcowCheckKind.REFCOUNT_BLOCK) {
              counts.reference(kind, position, length, guest);
            }
          }

          @Override
          public void incomplete() {
            counts.incomplete();
          }
        });
    if (!counts.complete()) {
      throw new ImageException.Corrupt(
          storage.name(),
          "its refcounts cannot be written anew: snapshots or bitmaps that cannot be read may need"
              + " clusters that nothing else refers to");
    }
    return counts;
  }

  private void writeTable(QcowPlanRefcounts plan, long position, long blocks) throws IOException {
    long length = plan.table() << clusterBits;
    for (long done = 0; done < length; done += PIECE) {
      var piece = MemorySegment.ofArray(new byte[(int) Math.min(PIECE, length - done)]);
      plan.fillTable(done, piece, blocks);
      storage.write(position + done, piece);
    }
  }
}
