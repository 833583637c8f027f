package dev.platter.format.luks;

import dev.platter.format.crypto.AntiForensic;
import dev.platter.format.crypto.CipherSpec;
import dev.platter.format.crypto.Hash;
import dev.platter.format.crypto.SectorCipher;
import dev.platter.image.ImageException;
import dev.platter.image.Secret;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.Arrays;

/// A key slot of LUKS2.
///
/// @param number from 0
/// @param keyBytes of the key in it
/// @param split the hash that it is split with
/// @param position of its area in the file
/// @param size bytes of the area
/// @param cipher of the area
/// @param cipherKey bytes of the area's key
/// @param derivation how a secret becomes that key
record Luks2Slot(
    int number,
    int keyBytes,
    Hash split,
    long position,
    long size,
    CipherSpec cipher,
    int cipherKey,
    Derivation derivation) {
  private static final int SECTOR = 512;
  private static final int LARGEST_KEY = 128;

  /// Reads one.
  ///
  /// @param fields the object of the slot
  /// @param from where areas start
  /// @param to where they end
  static Luks2Slot of(JsonFields fields, int number, long from, long to) throws ImageException {
    String file = fields.file();
    String type = fields.text("type");
    if (!type.equals("luks2")) {
      throw new ImageException.Unsupported(
          file, "has a key slot of type '" + type + "', only luks2 is known");
    }
    JsonFields area = fields.object("area");
    JsonFields af = fields.object("af");
    af.number("stripes", AntiForensic.STRIPES, AntiForensic.STRIPES);
    int keyBytes = (int) fields.number("key_size", 1, LARGEST_KEY);
    long material = (long) keyBytes * AntiForensic.STRIPES + SECTOR - 1 & -SECTOR;
    long size = area.number("size", material, Math.max(to - from, material));
    long position = area.number("offset", from, Math.max(to - size, from));
    if (size > to - position || position % SECTOR != 0) {
      throw new ImageException.Corrupt(
          file, "the area of key slot " + number + " at " + position + " is not where slots are");
    }
    CipherSpec cipher = CipherSpec.parse(file, area.text("encryption"));
    int cipherKey = (int) area.number("key_size", 1, LARGEST_KEY);
    if (!cipher.takes(cipherKey)) {
      throw new ImageException.Corrupt(
          file, "the key of slot " + number + " has " + cipherKey + " bytes, not for " + cipher);
    }
    return new Luks2Slot(
        number,
        keyBytes,
        Hash.of(file, af.text("hash")),
        position,
        size,
        cipher,
        cipherKey,
        Derivation.of(fields.object("kdf")));
  }

  /// The object of the slot.
  Json.Members json() {
    return new Json.Members()
        .put("type", "luks2")
        .put("key_size", keyBytes)
        .put(
            "af",
            new Json.Members()
                .put("type", "luks1")
                .put("stripes", AntiForensic.STRIPES)
                .put("hash", split.label()))
        .put(
            "area",
            new Json.Members()
                .put("type", "raw")
                .put("offset", Long.toString(position))
                .put("size", Long.toString(size))
                .put("encryption", cipher.toString())
                .put("key_size", cipherKey))
        .put("kdf", derivation.json());
  }

  private long material() {
    return (long) keyBytes * AntiForensic.STRIPES + SECTOR - 1 & -SECTOR;
  }

  /// What may be the disk's key.
  byte[] open(Storage storage, Secret secret) throws IOException {
    byte[] stripes = new byte[(int) material()];
    MemorySegment bytes = MemorySegment.ofArray(stripes);
    storage.read(position, bytes);
    try (SectorCipher sectors = sectors(storage.name(), secret)) {
      sectors.decode(0, bytes, bytes);
    }
    byte[] key = AntiForensic.merge(split, stripes, keyBytes);
    Arrays.fill(stripes, (byte) 0);
    return key;
  }

  /// Writes key material; nothing refers to it yet.
  void lock(Storage storage, Secret key, Secret secret) throws IOException {
    byte[] stripes =
        Arrays.copyOf(AntiForensic.split(split, key.bytes(), new SecureRandom()), (int) material());
    MemorySegment bytes = MemorySegment.ofArray(stripes);
    try (SectorCipher sectors = sectors(storage.name(), secret)) {
      sectors.encode(0, bytes, bytes);
    }
    storage.write(position, bytes);
  }

  /// Makes key material unreadable.
  void wipe(Storage storage) throws IOException {
    byte[] noise = new byte[(int) material()];
    new SecureRandom().nextBytes(noise);
    storage.write(position, MemorySegment.ofArray(noise));
    storage.flush();
  }

  private SectorCipher sectors(String file, Secret secret) throws IOException {
    byte[] key = derivation.derive(file, secret.bytes(), cipherKey);
    try {
      return new SectorCipher(cipher, key, SECTOR, 0);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }
}
