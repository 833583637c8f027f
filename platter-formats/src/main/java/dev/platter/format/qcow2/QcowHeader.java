package dev.platter.format.qcow2;

import dev.platter.struct.Fields;
import dev.platter.struct.Struct;

/// The fixed fields at the start of an image. Big-endian. Version 2 ends after `snapshotsOffset`.
///
/// @param magic `QFI` and 0xfb
/// @param version 2 or 3
/// @param backingOffset where the parent's name starts, 0 if there is no parent
///   (`backing_file_offset`)
/// @param backingSize bytes of the parent's name (`backing_file_size`)
/// @param clusterBits a cluster has `1 << clusterBits` bytes (`cluster_bits`)
/// @param size bytes of the disk
/// @param cryptMethod 0 none, 1 AES, 2 LUKS (`crypt_method`)
/// @param l1Size entries of the active L1 table (`l1_size`)
/// @param l1Offset where the active L1 table starts (`l1_table_offset`)
/// @param refcountOffset where the refcount table starts (`refcount_table_offset`)
/// @param refcountClusters clusters of the refcount table (`refcount_table_clusters`)
/// @param snapshotCount how many internal snapshots there are (`nb_snapshots`)
/// @param snapshotsOffset where the snapshot table starts (`snapshots_offset`)
/// @param incompatible features that a reader must know (`incompatible_features`)
/// @param compatible features that may be ignored (`compatible_features`)
/// @param autoclear features that a writer clears if it does not know them (`autoclear_features`)
/// @param refcountOrder a refcount has `1 << refcountOrder` bits (`refcount_order`)
/// @param headerLength bytes of the header (`header_length`)
record QcowHeader(
    long magic,
    long version,
    long backingOffset,
    long backingSize,
    long clusterBits,
    long size,
    long cryptMethod,
    long l1Size,
    long l1Offset,
    long refcountOffset,
    long refcountClusters,
    long snapshotCount,
    long snapshotsOffset,
    long incompatible,
    long compatible,
    long autoclear,
    long refcountOrder,
    long headerLength) {

  /// The encryption of the first version, which is kept to free data from old images.
  static final int AES = 1;

  /// A LUKS header in clusters of the image.
  static final int LUKS = 2;

  static final long MAGIC = 0x514649fbL;
  static final int V2_LENGTH = 72;
  static final int V3_LENGTH = 104;

  /// Where `size` is; `crypt_method`, `l1_size` and `l1_table_offset` follow.
  static final int SIZE_AT = 24;

  /// Where [#version] is.
  static final int VERSION_AT = 4;

  /// Where `l1_size` is; `l1_table_offset` follows, so that both can be switched in one write.
  static final int L1_AT = 36;

  /// Where `refcount_table_offset` is; `refcount_table_clusters` follows.
  static final int REFCOUNT_TABLE_AT = 48;

  /// Where `nb_snapshots` is; `snapshots_offset` follows.
  static final int SNAPSHOTS_AT = 60;

  /// Where the three words of features are.
  static final int FEATURES_AT = 72;

  /// Where `compression_type` is, in headers that are longer than this.
  static final int COMPRESSION_AT = 104;

  static final int MIN_CLUSTER_BITS = 9;
  static final int MAX_CLUSTER_BITS = 21;

  private static final QcowHeader BLANK =
      new QcowHeader(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, V2_LENGTH);

  /// Version 2: what it has no field for gets the value that version 2 implies.
  static final Struct<QcowHeader> V2 = Struct.bigEndian("header", BLANK, QcowHeader::fieldsOfV2);

  /// Version 3, without the additional fields behind `header_length`.
  static final Struct<QcowHeader> V3 = Struct.bigEndian("header", BLANK, QcowHeader::fieldsOfV3);

  private static QcowHeader fieldsOfV2(Fields f, QcowHeader h) {
    return new QcowHeader(
        f.u32("magic", h.magic),
        f.u32("version", h.version),
        f.u64("backing_file_offset", h.backingOffset),
        f.u32("backing_file_size", h.backingSize),
        f.u32("cluster_bits", h.clusterBits),
        f.u64("size", h.size),
        f.u32("crypt_method", h.cryptMethod),
        f.u32("l1_size", h.l1Size),
        f.u64("l1_table_offset", h.l1Offset),
        f.u64("refcount_table_offset", h.refcountOffset),
        f.u32("refcount_table_clusters", h.refcountClusters),
        f.u32("nb_snapshots", h.snapshotCount),
        f.u64("snapshots_offset", h.snapshotsOffset),
        0,
        0,
        0,
        4,
        V2_LENGTH);
  }

  private static QcowHeader fieldsOfV3(Fields f, QcowHeader h) {
    QcowHeader v2 = fieldsOfV2(f, h);
    return new QcowHeader(
        v2.magic,
        v2.version,
        v2.backingOffset,
        v2.backingSize,
        v2.clusterBits,
        v2.size,
        v2.cryptMethod,
        v2.l1Size,
        v2.l1Offset,
        v2.refcountOffset,
        v2.refcountClusters,
        v2.snapshotCount,
        v2.snapshotsOffset,
        f.u64("incompatible_features", h.incompatible),
        f.u64("compatible_features", h.compatible),
        f.u64("autoclear_features", h.autoclear),
        f.u32("refcount_order", h.refcountOrder),
        f.u32("header_length", h.headerLength));
  }

  /// The same with another disk.
  QcowHeader with(long newSize, long newL1Size, long newL1Offset) {
    return new QcowHeader(
        magic,
        version,
        backingOffset,
        backingSize,
        clusterBits,
        newSize,
        cryptMethod,
        newL1Size,
        newL1Offset,
        refcountOffset,
        refcountClusters,
        snapshotCount,
        snapshotsOffset,
        incompatible,
        compatible,
        autoclear,
        refcountOrder,
        headerLength);
  }

  /// The structure that a version has.
  static Struct<QcowHeader> struct(long version) {
    return version == 2 ? V2 : V3;
  }

  /// Bytes of a cluster; [#clusterBits] has been checked.
  int clusterSize() {
    return 1 << clusterBits;
  }

  /// Whether all of these incompatible features are set.
  boolean has(long features) {
    return (incompatible & features) == features;
  }

  /// Whether L2 entries have subclusters.
  boolean extended() {
    return has(QcowFeatures.EXTENDED_L2);
  }

  /// Bytes of an L2 entry.
  int l2EntrySize() {
    return extended() ? 16 : 8;
  }

  /// Entries of an L2 table, as a power of two.
  int l2Bits() {
    return (int) clusterBits - (extended() ? 4 : 3);
  }

  /// Bytes of the disk that one L2 table maps.
  long l2Span() {
    return 1L << (l2Bits() + clusterBits);
  }

  /// Entries of the L1 table that the disk needs.
  long l1Needed() {
    long span = l2Span();
    return size / span + (size % span == 0 ? 0 : 1);
  }
}
