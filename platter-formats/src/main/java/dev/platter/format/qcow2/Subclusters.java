package dev.platter.format.qcow2;

/// The bitmap of an extended L2 entry, as a plain number: which of a cluster's 32 subclusters are
/// allocated (low half), which read as zeros (high half).
final class Subclusters {
  static final int COUNT = 32;

  /// Subclusters of a cluster, as a power of two.
  static final int BITS = 5;

  /// All are allocated.
  static final long ALL_ALLOCATED = 0xffff_ffffL;

  /// All read as zeros.
  static final long ALL_ZERO = ALL_ALLOCATED << 32;

  private Subclusters() {}

  /// Which are allocated, bit 0 for the first.
  static int allocated(long bitmap) {
    return (int) bitmap;
  }

  /// Which read as zeros.
  static int zeros(long bitmap) {
    return (int) (bitmap >>> 32);
  }

  /// Some subclusters, as a mask.
  static int mask(int first, int count) {
    return (int) (((1L << count) - 1) << first);
  }

  /// The bitmap with some subclusters allocated.
  static long allocate(long bitmap, int mask) {
    return of(allocated(bitmap) | mask, zeros(bitmap) & ~mask);
  }

  /// The bitmap with some subclusters zero and not allocated.
  static long zero(long bitmap, int mask) {
    return of(allocated(bitmap) & ~mask, zeros(bitmap) | mask);
  }

  /// The bitmap with some subclusters showing the parent.
  static long discard(long bitmap, int mask) {
    return of(allocated(bitmap) & ~mask, zeros(bitmap) & ~mask);
  }

  private static long of(int allocated, int zeros) {
    return ((long) zeros << 32) | (allocated & 0xffff_ffffL);
  }
}
