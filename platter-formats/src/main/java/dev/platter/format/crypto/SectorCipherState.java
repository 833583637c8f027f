package dev.platter.format.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// The ciphers and buffers of one thread at work. AES itself is the platform's, called for a whole
/// batch of sectors at once, which is what makes it fast; what a mode adds to it is XOR.
final class SectorCipherState {
  /// Bytes that go through at once.
  static final int BATCH = 64 << 10;

  private static final int BLOCK = 16;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /// x^128 = x^7 + x^2 + x + 1: what is carried out of a tweak comes back in as this (IEEE 1619,
  /// 5.2).
  private static final long FEEDBACK = 0x87;

  private final CipherSpec spec;
  private final byte[] data = new byte[BATCH];
  private final byte[] other = new byte[BATCH];
  private final byte[] vectors = new byte[BATCH / 512 * BLOCK];
  private final Cipher encode;
  private final Cipher decode;
  private final Cipher second;

  /// The block that CBC's encryption has chained up to: the cipher is never set up again, because
  /// that costs as much as a sector.
  private long lastLow;

  private long lastHigh;

  /// Which way bytes go.
  enum Direction {
    ENCODE,
    DECODE
  }

  SectorCipherState(CipherSpec spec, byte[] key) {
    this.spec = spec;
    try {
      switch (spec.mode()) {
        case XTS -> {
          int half = key.length / 2;
          encode = ecb(Cipher.ENCRYPT_MODE, key, 0, half);
          decode = ecb(Cipher.DECRYPT_MODE, key, 0, half);
          second = ecb(Cipher.ENCRYPT_MODE, key, half, key.length);
        }
        case CBC -> {
          encode = Cipher.getInstance("AES/CBC/NoPadding");
          encode.init(
              Cipher.ENCRYPT_MODE,
              new SecretKeySpec(key, "AES"),
              new IvParameterSpec(new byte[BLOCK]));
          decode = ecb(Cipher.DECRYPT_MODE, key, 0, key.length);
          byte[] salted =
              spec.vector() == CipherSpec.Vector.ESSIV
                  ? MessageDigest.getInstance(spec.vectorHash().java()).digest(key)
                  : key.clone();
          second = ecb(Cipher.ENCRYPT_MODE, salted, 0, salted.length);
          Arrays.fill(salted, (byte) 0);
        }
        default -> throw new IllegalStateException();
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Cipher ecb(int mode, byte[] key, int from, int to)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, from, to - from, "AES"));
    return cipher;
  }

  void run(Direction direction, long sector, int unit, MemorySegment source, MemorySegment target) {
    int length = (int) source.byteSize();
    MemorySegment bytes = MemorySegment.ofArray(data).asSlice(0, length);
    bytes.copyFrom(source);
    try {
      number(sector, unit, length);
      switch (spec.mode()) {
        case XTS -> xts(direction == Direction.ENCODE ? encode : decode, unit, length);
        case CBC -> {
          if (direction == Direction.ENCODE) {
            cbcEncode(unit, length);
          } else {
            cbcDecode(unit, length);
          }
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    target.copyFrom(bytes);
  }

  /// The vector of each sector.
  private void number(long sector, int unit, int length) throws GeneralSecurityException {
    int count = length / unit;
    long mask = spec.vector() == CipherSpec.Vector.PLAIN ? 0xffff_ffffL : -1;
    for (int index = 0; index < count; index++) {
      LONG.set(vectors, index * BLOCK, sector + (long) index * (unit / 512) & mask);
      LONG.set(vectors, index * BLOCK + 8, 0L);
    }
    if (spec.mode() == CipherSpec.Mode.XTS || spec.vector() == CipherSpec.Vector.ESSIV) {
      second.update(vectors, 0, count * BLOCK, vectors, 0);
    }
  }

  /// IEEE 1619, without the stealing of ciphertext: sectors are whole blocks.
  private void xts(Cipher cipher, int unit, int length) throws GeneralSecurityException {
    int at = 0;
    for (int vector = 0; at < length; vector += BLOCK) {
      long low = (long) LONG.get(vectors, vector);
      long high = (long) LONG.get(vectors, vector + 8);
      for (int end = at + unit; at < end; at += BLOCK) {
        LONG.set(other, at, low);
        LONG.set(other, at + 8, high);
        LONG.set(data, at, (long) LONG.get(data, at) ^ low);
        LONG.set(data, at + 8, (long) LONG.get(data, at + 8) ^ high);
        long carry = high >> 63 & FEEDBACK;
        high = high << 1 | low >>> 63;
        low = low << 1 ^ carry;
      }
    }
    cipher.update(data, 0, length, data, 0);
    for (int index = 0; index < length; index += 8) {
      LONG.set(data, index, (long) LONG.get(data, index) ^ (long) LONG.get(other, index));
    }
  }

  private void cbcEncode(int unit, int length) throws GeneralSecurityException {
    int vector = 0;
    for (int at = 0; at < length; at += unit, vector += BLOCK) {
      LONG.set(data, at, (long) LONG.get(data, at) ^ (long) LONG.get(vectors, vector) ^ lastLow);
      LONG.set(
          data,
          at + 8,
          (long) LONG.get(data, at + 8) ^ (long) LONG.get(vectors, vector + 8) ^ lastHigh);
      encode.update(data, at, unit, data, at);
      lastLow = (long) LONG.get(data, at + unit - BLOCK);
      lastHigh = (long) LONG.get(data, at + unit - 8);
    }
  }

  private void cbcDecode(int unit, int length) throws GeneralSecurityException {
    System.arraycopy(data, 0, other, 0, length);
    decode.update(data, 0, length, data, 0);
    int vector = 0;
    for (int at = 0; at < length; at += unit, vector += BLOCK) {
      for (int half = 0; half < BLOCK; half += 8) {
        long chained = (long) LONG.get(vectors, vector + half);
        LONG.set(data, at + half, (long) LONG.get(data, at + half) ^ chained);
      }
      for (int next = at + BLOCK; next < at + unit; next += 8) {
        long chained = (long) LONG.get(other, next - BLOCK);
        LONG.set(data, next, (long) LONG.get(data, next) ^ chained);
      }
    }
  }

  void wipe() {
    Arrays.fill(data, (byte) 0);
    Arrays.fill(other, (byte) 0);
    Arrays.fill(vectors, (byte) 0);
  }
}
