package dev.platter.format.qcow2;

/// How often each cluster of a part of the file is referred to, and by whom: four bytes a cluster.
final class QcowCheckCounts implements QcowCheckVisitor {
  /// Clusters of a part: 32 MiB of counts. Larger files are walked over once for each part.
  static final int PART = 1 << 23;

  private static final int BLOCK = 1 << 31;
  private static final int ALONE = 1 << 30;
  private static final int TABLE = 1 << 29;
  private static final int DATA = 1 << 28;
  private static final int COUNT = DATA - 1;

  private final int clusterBits;
  private final long first;
  private final int[] counts;
  private boolean incomplete;

  /// @param first the part's first cluster
  /// @param clusters clusters of the file
  QcowCheckCounts(int clusterBits, long first, long clusters) {
    this.clusterBits = clusterBits;
    this.first = first;
    this.counts = new int[(int) Math.min(clusters - first, PART)];
  }

  @Override
  public void reference(QcowCheckKind kind, long position, long length, long guest) {
    long from = Math.max((position >> clusterBits) - first, 0);
    long to = Math.min(((position + length - 1) >> clusterBits) - first, counts.length - 1);
    int mark =
        switch (kind.sharing()) {
          case NEVER -> kind == QcowCheckKind.REFCOUNT_BLOCK ? BLOCK | ALONE : ALONE;
          case TABLES -> TABLE;
          case DATA -> DATA;
        };
    for (long at = from; at <= to; at++) {
      int old = counts[(int) at];
      counts[(int) at] = ((old & COUNT) == COUNT ? old : old + 1) | mark;
    }
  }

  @Override
  public void incomplete() {
    incomplete = true;
  }

  /// Whether all that refers to clusters was seen, so that the others are free.
  boolean complete() {
    return !incomplete;
  }

  /// Clusters of the part.
  int length() {
    return counts.length;
  }

  /// The part's first cluster.
  long first() {
    return first;
  }

  /// How often a cluster is referred to.
  long count(int index) {
    return counts[index] & COUNT;
  }

  /// Whether a cluster is two structures of metadata at once, however it is counted. (Guest data in
  /// such a cluster is copied before a change if the count is right.)
  boolean overlaps(int index) {
    int all = counts[index];
    boolean alone = (all & ALONE) != 0;
    return alone && ((all & TABLE) != 0 || ((all & DATA) == 0 && (all & COUNT) > 1));
  }

  /// Whether a refcount block shares its cluster.
  boolean sharedBlock(int index) {
    return (counts[index] & BLOCK) != 0 && (counts[index] & COUNT) != 1;
  }

  /// What the owner of a cluster is called; equal for clusters that can be told of as one.
  String owner(int index) {
    int all = counts[index];
    if ((all & ALONE) != 0) {
      return "metadata";
    }
    return (all & TABLE) != 0 ? "L2 tables" : "guest data";
  }

  /// Whether two clusters can be told of as one.
  boolean alike(int one, int other) {
    return (counts[one] & ~COUNT) == (counts[other] & ~COUNT) && count(one) > 0 && count(other) > 0;
  }
}
