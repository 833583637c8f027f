package dev.platter.format.qcow2;

/// The bits of entries of L1 and L2 tables, as plain numbers.
final class L2Entry {
  /// The cluster's refcount is exactly one: it may be changed in place.
  static final long COPIED = 1L << 63;

  /// The cluster is compressed.
  static final long COMPRESSED = 1L << 62;

  /// The cluster reads as zeros, whatever its place holds. Not in version 2, and not in entries
  /// that have subclusters.
  static final long ZERO = 1;

  /// Bits 9 to 55: a position in the file.
  static final long PLACE = 0x00ff_ffff_ffff_fe00L;

  private static final int SECTOR_BITS = 9;

  private L2Entry() {}

  /// The position in an L1 entry or in the entry of a standard cluster; 0 if it has none.
  static long place(long entry) {
    return entry & PLACE;
  }

  static boolean copied(long entry) {
    return entry < 0;
  }

  static boolean compressed(long entry) {
    return (entry & COMPRESSED) != 0;
  }

  static boolean zero(long entry) {
    return (entry & ZERO) != 0;
  }

  /// How many low bits of a compressed cluster's entry are its position.
  static int positionBits(int clusterBits) {
    return 62 - (clusterBits - 8);
  }

  /// Where a compressed cluster's bytes start.
  static long encodedPosition(long entry, int clusterBits) {
    return entry & ((1L << positionBits(clusterBits)) - 1);
  }

  /// How many bytes a compressed cluster may have: to the end of its last sector.
  static int encodedLength(long entry, int clusterBits) {
    int x = positionBits(clusterBits);
    int more = (int) (entry >>> x & ((1L << (clusterBits - 8)) - 1));
    int inSector = (int) (entry & ((1 << SECTOR_BITS) - 1));
    return ((more + 1) << SECTOR_BITS) - inSector;
  }

  /// The entry of a compressed cluster.
  ///
  /// @param position below [#encodedLimit]
  static long encoded(long position, int length, int clusterBits) {
    long more = ((position + length - 1) >>> SECTOR_BITS) - (position >>> SECTOR_BITS);
    return COMPRESSED | more << positionBits(clusterBits) | position;
  }

  /// The end of the positions that a compressed cluster can have.
  static long encodedLimit(int clusterBits) {
    return 1L << Math.min(positionBits(clusterBits), 56);
  }
}
