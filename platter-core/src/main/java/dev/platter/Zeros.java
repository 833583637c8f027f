package dev.platter;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Finding zeros, and having some at hand.
public final class Zeros {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final int STRIDE = 64;

  private Zeros() {}

  private static final class Holder {
    private static final MemorySegment ZEROS =
        Arena.global().allocate(ChainReader.PIECE, 4096).asReadOnly();
  }

  /// A read-only megabyte of zeros.
  public static MemorySegment segment() {
    return Holder.ZEROS;
  }

  /// Whether all bytes are zero. Looks at both ends and the middle first, where data usually shows.
  public static boolean allZero(MemorySegment bytes) {
    long size = bytes.byteSize();
    if (size < STRIDE) {
      return prefix(bytes) == size;
    }
    return (bytes.get(LONG, 0) | bytes.get(LONG, size - 8) | bytes.get(LONG, size / 2)) == 0
        && prefix(bytes) == size;
  }

  /// How many bytes at the start are zero.
  public static long prefix(MemorySegment bytes) {
    long size = bytes.byteSize();
    if (size < STRIDE || bytes.get(LONG, 0) != 0) {
      return prefixOfFew(bytes);
    }
    // bytes that are equal to those eight before them, the first of which are zeros: the comparison
    // is fast before the compiler has seen it, which a loop over a segment is not
    long differs = MemorySegment.mismatch(bytes, 8, size, bytes, 0, size - 8);
    return differs < 0 ? size : differs + 8;
  }

  private static long prefixOfFew(MemorySegment bytes) {
    long size = Math.min(bytes.byteSize(), STRIDE);
    long at = 0;
    while (at < size && bytes.get(ValueLayout.JAVA_BYTE, at) == 0) {
      at++;
    }
    return at;
  }
}
