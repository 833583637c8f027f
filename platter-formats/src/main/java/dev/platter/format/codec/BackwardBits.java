package dev.platter.format.codec;

import java.util.zip.DataFormatException;

/// Bits that are read from the end of a part of a stream towards its start, each group with its
/// highest bit first.
final class BackwardBits {
  private final byte[] bytes;
  private final long start;
  private long at;

  /// @param in the part
  /// @param unused bits of the last byte that are not used
  BackwardBits(LzInput in, int unused) {
    bytes = in.bytes();
    start = 8L * in.position();
    at = start + 8L * in.left() - unused;
  }

  /// The next bits.
  ///
  /// @param count at most 32
  int take(int count) throws DataFormatException {
    at -= count;
    if (at < start) {
      throw new DataFormatException("out of bits");
    }
    long word = LzInput.load(bytes, (int) (at >>> 3)) >>> (at & 7);
    return (int) (word & ((1L << count) - 1));
  }
}
