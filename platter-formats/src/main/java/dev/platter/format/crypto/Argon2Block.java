package dev.platter.format.crypto;

import java.lang.foreign.MemorySegment;

/// The compression of two blocks of a kilobyte to one (RFC 9106, 3.5 and 3.6), for one thread.
final class Argon2Block {
  private static final int WORDS = 128;

  private final long[] sum = new long[WORDS];
  private final long[] mixed = new long[WORDS];
  private final long[] old = new long[WORDS];

  /// Takes the block that the next one is added to.
  void remember(MemorySegment memory, long position) {
    MemorySegment.copy(memory, Argon2.WORD, position, old, 0, WORDS);
  }

  /// Compresses.
  ///
  /// @param target may be one of the others
  /// @param add whether the remembered block is added
  void mix(long[] one, long[] other, long[] target, boolean add) {
    for (int word = 0; word < WORDS; word++) {
      sum[word] = one[word] ^ other[word];
    }
    System.arraycopy(sum, 0, mixed, 0, WORDS);
    for (int row = 0; row < WORDS; row += 16) {
      permute(mixed, row, 2);
    }
    for (int column = 0; column < 16; column += 2) {
      permute(mixed, column, 16);
    }
    for (int word = 0; word < WORDS; word++) {
      target[word] = sum[word] ^ mixed[word] ^ (add ? old[word] : 0);
    }
  }

  /// Sixteen words, in pairs that are `step` words apart.
  private static void permute(long[] v, int at, int step) {
    int p1 = at + step;
    int p2 = p1 + step;
    int p3 = p2 + step;
    int p4 = p3 + step;
    int p5 = p4 + step;
    int p6 = p5 + step;
    int p7 = p6 + step;
    quarter(v, at, p2, p4, p6);
    quarter(v, at + 1, p2 + 1, p4 + 1, p6 + 1);
    quarter(v, p1, p3, p5, p7);
    quarter(v, p1 + 1, p3 + 1, p5 + 1, p7 + 1);
    quarter(v, at, p2 + 1, p5, p7 + 1);
    quarter(v, at + 1, p3, p5 + 1, p6);
    quarter(v, p1, p3 + 1, p4, p6 + 1);
    quarter(v, p1 + 1, p2, p4 + 1, p7);
  }

  private static void quarter(long[] v, int ia, int ib, int ic, int id) {
    long a = v[ia];
    long b = v[ib];
    long c = v[ic];
    long d = v[id];
    a = blend(a, b);
    d = Long.rotateRight(d ^ a, 32);
    c = blend(c, d);
    b = Long.rotateRight(b ^ c, 24);
    a = blend(a, b);
    d = Long.rotateRight(d ^ a, 16);
    c = blend(c, d);
    b = Long.rotateRight(b ^ c, 63);
    v[ia] = a;
    v[ib] = b;
    v[ic] = c;
    v[id] = d;
  }

  private static long blend(long x, long y) {
    return x + y + 2 * (x & 0xffff_ffffL) * (y & 0xffff_ffffL);
  }
}
