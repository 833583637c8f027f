package dev.platter.format.crypto;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;

/// Blows a key up to many stripes, all of which are needed to have it back, so that a slot of it is
/// gone when any part of it is ("LUKS1 On-Disk Format Specification", 1.2.3, 2.4).
public final class AntiForensic {
  /// Stripes that everybody makes.
  public static final int STRIPES = 4000;

  private final Hash hash;
  private final MessageDigest digest;
  private final int length;

  private AntiForensic(Hash hash, int length) {
    this.hash = hash;
    this.length = length;
    try {
      this.digest = MessageDigest.getInstance(hash.java());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Splits a key into stripes.
  public static byte[] split(Hash hash, byte[] key, SecureRandom random) {
    byte[] stripes = new byte[key.length * STRIPES];
    random.nextBytes(stripes);
    byte[] sum = new AntiForensic(hash, key.length).sum(stripes);
    int last = stripes.length - key.length;
    for (int index = 0; index < key.length; index++) {
      stripes[last + index] = (byte) (key[index] ^ sum[index]);
    }
    Arrays.fill(sum, (byte) 0);
    return stripes;
  }

  /// The key that was split.
  ///
  /// @param length bytes of the key
  public static byte[] merge(Hash hash, byte[] stripes, int length) {
    byte[] key = new AntiForensic(hash, length).sum(stripes);
    int last = (STRIPES - 1) * length;
    for (int index = 0; index < length; index++) {
      key[index] ^= stripes[last + index];
    }
    return key;
  }

  /// All stripes but the last, each added and spread.
  private byte[] sum(byte[] stripes) {
    byte[] sum = new byte[length];
    for (int stripe = 0; stripe < STRIPES - 1; stripe++) {
      for (int index = 0; index < length; index++) {
        sum[index] ^= stripes[stripe * length + index];
      }
      spread(sum);
    }
    return sum;
  }

  private void spread(byte[] bytes) {
    byte[] hashed = new byte[hash.bytes()];
    try {
      for (int at = 0, block = 0; at < length; at += hash.bytes(), block++) {
        digest.update(ByteBuffer.allocate(4).putInt(block).array());
        int part = Math.min(hash.bytes(), length - at);
        digest.update(bytes, at, part);
        digest.digest(hashed, 0, hashed.length);
        System.arraycopy(hashed, 0, bytes, at, part);
      }
    } catch (DigestException e) {
      throw new IllegalStateException(e);
    }
  }
}
