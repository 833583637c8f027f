package dev.platter.image;

import java.util.Arrays;

/// A key or passphrase, in memory until it is closed. It is never a text: texts cannot be wiped.
public final class Secret implements AutoCloseable {
  private final byte[] bytes;

  private Secret(byte[] bytes) {
    this.bytes = bytes;
  }

  /// Takes over an array, which [#close] wipes.
  public static Secret of(byte[] bytes) {
    return new Secret(bytes);
  }

  /// The secret itself, not a copy: all zeros once this is closed.
  public byte[] bytes() {
    return bytes;
  }

  /// Says nothing of the secret.
  @Override
  public String toString() {
    return "secret";
  }

  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }
}
