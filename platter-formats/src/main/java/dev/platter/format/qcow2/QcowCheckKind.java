package dev.platter.format.qcow2;

/// What refers to a cluster, or is it.
enum QcowCheckKind {
  HEADER("header", Sharing.NEVER),
  L1("L1 table", Sharing.NEVER),
  L2("L2 table", Sharing.TABLES),
  DATA("data cluster", Sharing.DATA),
  COMPRESSED("compressed cluster", Sharing.DATA),
  SNAPSHOTS("snapshot table", Sharing.NEVER),
  SNAPSHOT_L1("snapshot's L1 table", Sharing.NEVER),
  BITMAPS("bitmap directory", Sharing.NEVER),
  BITMAP_TABLE("bitmap table", Sharing.NEVER),
  BITMAP_DATA("bitmap data", Sharing.NEVER),
  ENCRYPTION("encryption header", Sharing.NEVER),
  REFCOUNT_TABLE("refcount table", Sharing.NEVER),
  REFCOUNT_BLOCK("refcount block", Sharing.NEVER);

  /// Who may have the same cluster.
  enum Sharing {
    /// Nobody.
    NEVER,
    /// The same table, of a snapshot.
    TABLES,
    /// Other guest data: snapshots, and neighbours of compressed clusters.
    DATA
  }

  private final String label;
  private final Sharing sharing;

  QcowCheckKind(String label, Sharing sharing) {
    this.label = label;
    this.sharing = sharing;
  }

  /// What it is called.
  String label() {
    return label;
  }

  Sharing sharing() {
    return sharing;
  }
}
