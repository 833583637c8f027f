package dev.platter.format.codec;

import dev.platter.image.Mapping;
import dev.platter.image.Secret;
import dev.platter.io.Storage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/// The encryption of QEMU's first two formats, as far as reading goes: each sector of 512 bytes is
/// AES-128-CBC by itself. The key is the passphrase itself, cut or filled with zeros to 16 bytes,
/// and a sector begins with its number on the disk. Nothing tells whether a key is the right one.
public final class SectorAes {
  private static final int SECTOR = 512;
  private static final int BLOCK = 16;
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final SecretKeySpec key;
  private final ConcurrentLinkedDeque<Cipher> ciphers = new ConcurrentLinkedDeque<>();

  /// Takes the key from a secret, which is not needed afterwards.
  public SectorAes(Secret secret) {
    byte[] bytes = Arrays.copyOf(secret.bytes(), BLOCK);
    this.key = new SecretKeySpec(bytes, "AES");
    Arrays.fill(bytes, (byte) 0);
  }

  /// The first unit of a stored run, to be decrypted.
  ///
  /// @param position where the run is in the storage
  /// @param offset where it is on the disk
  /// @param length bytes of the run
  /// @param unit bytes of a unit, whole sectors
  public Mapping.Encoded unit(Storage storage, long position, long offset, long length, int unit) {
    int skip = (int) (offset % unit);
    long first = (offset - skip) / SECTOR;
    var encoded =
        new Mapping.EncodedUnit(
            storage,
            position - skip,
            unit,
            unit,
            (stored, target) -> decrypt(first, stored, target));
    return new Mapping.Encoded(Math.min(length, unit - skip), skip, encoded);
  }

  /// Decrypts sectors that follow each other. What is not stored is zeros.
  ///
  /// @param first the first sector's number
  public void decrypt(long first, MemorySegment stored, MemorySegment target) {
    long there = Math.min(stored.byteSize(), target.byteSize()) / SECTOR * SECTOR;
    byte[] from = stored.asSlice(0, there).toArray(ValueLayout.JAVA_BYTE);
    MemorySegment.copy(MemorySegment.ofArray(blocks(from)), 0, target, 0, there);
    for (long at = 0; at < there; at += SECTOR) {
      xor(target, at, first + at / SECTOR);
      for (long block = at + BLOCK; block < at + SECTOR; block += BLOCK) {
        xor(target, block, stored.get(WORD, block - BLOCK));
        xor(target, block + Long.BYTES, stored.get(WORD, block - BLOCK + Long.BYTES));
      }
    }
    target.asSlice(there).fill((byte) 0);
  }

  private static void xor(MemorySegment target, long position, long word) {
    target.set(WORD, position, target.get(WORD, position) ^ word);
  }

  /// Decrypts blocks of 16 bytes, each by itself.
  private byte[] blocks(byte[] stored) {
    try {
      Cipher pooled = ciphers.pollFirst();
      if (pooled == null) {
        pooled = Cipher.getInstance("AES/ECB/NoPadding");
        pooled.init(Cipher.DECRYPT_MODE, key);
      }
      byte[] plain = pooled.doFinal(stored);
      ciphers.addFirst(pooled);
      return plain;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES is a part of every Java", e);
    }
  }
}
