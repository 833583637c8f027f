package dev.platter.format.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// BLAKE2b without a key (RFC 7693), which Argon2 is made of.
final class Blake2b {
  private static final int BLOCK = 128;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long[] START = {
    0x6a09e667f3bcc908L, 0xbb67ae8584caa73bL, 0x3c6ef372fe94f82bL, 0xa54ff53a5f1d36f1L,
    0x510e527fade682d1L, 0x9b05688c2b3e6c1fL, 0x1f83d9abfb41bd6bL, 0x5be0cd19137e2179L
  };

  /// Which word of a block goes where in each round, a digit a word (RFC 7693, 2.7).
  private static final String[] ORDER = {
    "0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8",
    "905724afe1bc683d", "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a",
    "6fe9b308c2d714a5", "a2847615fb9e3cd0", "0123456789abcdef", "ea489fd61c02b753"
  };

  private static final byte[][] SCHEDULE = schedule();

  private final long[] state = START.clone();
  private final byte[] block = new byte[BLOCK];
  private final int length;
  private int filled;
  private long counted;

  private static byte[][] schedule() {
    byte[][] schedule = new byte[ORDER.length][16];
    for (int round = 0; round < ORDER.length; round++) {
      for (int word = 0; word < 16; word++) {
        schedule[round][word] = (byte) Character.digit(ORDER[round].charAt(word), 16);
      }
    }
    return schedule;
  }

  /// A digest of 1 to 64 bytes.
  Blake2b(int length) {
    this.length = length;
    state[0] ^= 0x01010000L ^ length;
  }

  Blake2b update(byte[] bytes) {
    for (int at = 0; at < bytes.length; ) {
      if (filled == BLOCK) {
        compress(0);
      }
      int step = Math.min(BLOCK - filled, bytes.length - at);
      System.arraycopy(bytes, at, block, filled, step);
      filled += step;
      at += step;
    }
    return this;
  }

  /// A number of four bytes, the least significant one first.
  Blake2b update(int number) {
    return update(
        new byte[] {
          (byte) number, (byte) (number >>> 8), (byte) (number >>> 16), (byte) (number >>> 24)
        });
  }

  byte[] digest() {
    java.util.Arrays.fill(block, filled, BLOCK, (byte) 0);
    compress(-1);
    byte[] all = new byte[64];
    for (int word = 0; word < 8; word++) {
      LONG.set(all, word * 8, state[word]);
    }
    return java.util.Arrays.copyOf(all, length);
  }

  private void compress(long last) {
    counted += filled;
    filled = 0;
    long[] v = new long[16];
    System.arraycopy(state, 0, v, 0, 8);
    System.arraycopy(START, 0, v, 8, 8);
    v[12] ^= counted;
    v[14] ^= last;
    for (byte[] order : SCHEDULE) {
      for (int column = 0; column < 4; column++) {
        mix(v, column, column + 4, column + 8, column + 12, order, 2 * column);
      }
      for (int diagonal = 0; diagonal < 4; diagonal++) {
        mix(
            v,
            diagonal,
            4 + (diagonal + 1 & 3),
            8 + (diagonal + 2 & 3),
            12 + (diagonal + 3 & 3),
            order,
            8 + 2 * diagonal);
      }
    }
    for (int word = 0; word < 8; word++) {
      state[word] ^= v[word] ^ v[word + 8];
    }
  }

  private void mix(long[] v, int a, int b, int c, int d, byte[] order, int word) {
    v[a] += v[b] + (long) LONG.get(block, order[word] * 8);
    v[d] = Long.rotateRight(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = Long.rotateRight(v[b] ^ v[c], 24);
    v[a] += v[b] + (long) LONG.get(block, order[word + 1] * 8);
    v[d] = Long.rotateRight(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = Long.rotateRight(v[b] ^ v[c], 63);
  }
}
