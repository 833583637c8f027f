package dev.platter.format.crypto;

import dev.platter.image.ImageException;
import java.util.Locale;

/// The hashes that key derivation and splitting are made with.
public enum Hash {
  /// SHA-1, of old headers.
  SHA1("SHA-1", 20),
  /// SHA-2 with 224 bits.
  SHA224("SHA-224", 28),
  /// SHA-2 with 256 bits: the usual one.
  SHA256("SHA-256", 32),
  /// SHA-2 with 384 bits.
  SHA384("SHA-384", 48),
  /// SHA-2 with 512 bits.
  SHA512("SHA-512", 64);

  private final String java;
  private final int bytes;

  Hash(String java, int bytes) {
    this.java = java;
    this.bytes = bytes;
  }

  /// The hash of a name as LUKS has it.
  ///
  /// @param storage the storage's name, for messages
  public static Hash of(String storage, String name) throws ImageException {
    for (Hash hash : values()) {
      if (hash.label().equals(name)) {
        return hash;
      }
    }
    throw new ImageException.Unsupported(
        storage, "uses the hash '" + name + "', known are sha1, sha224, sha256, sha384, sha512");
  }

  /// The name that LUKS has for it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Bytes of a digest.
  public int bytes() {
    return bytes;
  }

  /// The platform's name.
  String java() {
    return java;
  }

  /// The platform's name of the HMAC made with it.
  String hmac() {
    return "Hmac" + name();
  }
}
