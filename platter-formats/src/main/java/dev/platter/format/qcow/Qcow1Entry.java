package dev.platter.format.qcow;

/// Entries of L2 tables: a position, or a compressed cluster's position and length.
final class Qcow1Entry {
  /// Positions that are said without compression are multiples of this.
  static final int ALIGNMENT = 512;

  private Qcow1Entry() {}

  static boolean compressed(long entry) {
    return entry < 0;
  }

  /// The entry of a compressed cluster.
  ///
  /// @param length bytes, less than a cluster
  static long encoded(long position, int length, int clusterBits) {
    return Long.MIN_VALUE | (long) length << (63 - clusterBits) | position;
  }

  /// Positions of compressed clusters are below this.
  static long encodedLimit(int clusterBits) {
    return 1L << (63 - clusterBits);
  }

  /// Where a compressed cluster starts.
  static long encodedPosition(long entry, int clusterBits) {
    return entry & (encodedLimit(clusterBits) - 1);
  }

  /// Bytes of a compressed cluster.
  static int encodedLength(long entry, int clusterBits) {
    return (int) (entry >>> (63 - clusterBits)) & ((1 << clusterBits) - 1);
  }
}
