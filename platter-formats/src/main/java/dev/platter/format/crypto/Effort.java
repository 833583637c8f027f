package dev.platter.format.crypto;

/// What a header may make a reader do to derive a key, which is somebody else's number.
public final class Effort {
  /// Iterations of PBKDF2, some seconds of a fast core: several times what the two seconds that
  /// cryptsetup takes by default come to.
  public static final long ITERATIONS = 1 << 25;

  /// The fewest that a new slot gets, as everybody has it.
  public static final long LEAST_ITERATIONS = 1000;

  /// Kibibytes of Argon2's memory: what cryptsetup allows at most.
  public static final long KIBIBYTES = 4 << 20;

  /// Kibibytes that Argon2 goes through in all its passes.
  public static final long KIBIBYTES_IN_ALL = 128L << 20;

  /// Lanes of Argon2.
  public static final long LANES = 64;

  private Effort() {}
}
