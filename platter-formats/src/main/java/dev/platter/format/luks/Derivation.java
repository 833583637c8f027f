package dev.platter.format.luks;

import dev.platter.format.crypto.Argon2;
import dev.platter.format.crypto.Effort;
import dev.platter.format.crypto.Hash;
import dev.platter.format.crypto.Pbkdf2;
import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Base64;

/// How a secret becomes the key of a LUKS2 slot.
sealed interface Derivation {

  /// By repetition.
  record Repeated(Hash hash, long iterations, Bytes salt) implements Derivation {}

  /// By memory.
  record Memory(Argon2 argon2, Bytes salt) implements Derivation {}

  /// Reads a `kdf` object.
  static Derivation of(JsonFields fields) throws ImageException {
    String file = fields.file();
    Bytes salt = Bytes.of(fields.bytes("salt", 1024));
    String type = fields.text("type");
    return switch (type) {
      case "pbkdf2" -> {
        long iterations = fields.number("iterations", 1, Long.MAX_VALUE);
        Limits.check(file, "iterations of PBKDF2", iterations, Effort.ITERATIONS);
        yield new Repeated(Hash.of(file, fields.text("hash")), iterations, salt);
      }
      case "argon2i" -> new Memory(argon2(fields, Argon2.Kind.I), salt);
      case "argon2id" -> new Memory(argon2(fields, Argon2.Kind.ID), salt);
      default ->
          throw new ImageException.Unsupported(
              file, "derives keys with '" + type + "', known are pbkdf2, argon2i and argon2id");
    };
  }

  private static Argon2 argon2(JsonFields fields, Argon2.Kind kind) throws ImageException {
    String file = fields.file();
    long passes = fields.number("time", 1, Integer.MAX_VALUE);
    long kibibytes = fields.number("memory", 8, Integer.MAX_VALUE);
    long lanes = fields.number("cpus", 1, kibibytes / 8);
    Limits.check(file, "KiB of memory for Argon2", kibibytes, Effort.KIBIBYTES);
    Limits.check(file, "KiB that Argon2 goes through", passes * kibibytes, Effort.KIBIBYTES_IN_ALL);
    Limits.check(file, "lanes of Argon2", lanes, Effort.LANES);
    return new Argon2(kind, (int) passes, (int) kibibytes, (int) lanes);
  }

  /// The `kdf` object.
  default Json.Members json() {
    return switch (this) {
      case Repeated(Hash hash, long iterations, Bytes salt) ->
          new Json.Members()
              .put("type", "pbkdf2")
              .put("hash", hash.label())
              .put("iterations", iterations)
              .put("salt", Base64.getEncoder().encodeToString(salt.toArray()));
      case Memory(Argon2 argon2, Bytes salt) ->
          new Json.Members()
              .put("type", argon2.kind() == Argon2.Kind.I ? "argon2i" : "argon2id")
              .put("time", argon2.passes())
              .put("memory", argon2.kibibytes())
              .put("cpus", argon2.lanes())
              .put("salt", Base64.getEncoder().encodeToString(salt.toArray()));
    };
  }

  /// Derives a key.
  ///
  /// @param file the storage's name, for messages
  default byte[] derive(String file, byte[] secret, int length) throws IOException {
    return switch (this) {
      case Repeated(Hash hash, long iterations, Bytes salt) ->
          Pbkdf2.derive(hash, secret, salt.toArray(), iterations, length);
      case Memory(Argon2 argon2, Bytes salt) -> {
        try {
          yield argon2.derive(secret, salt.toArray(), length);
        } catch (OutOfMemoryError e) {
          var refused =
              new ImageException.LimitExceeded(
                  file,
                  "its key needs " + argon2.kibibytes() + " KiB of memory, which is not there");
          refused.initCause(e);
          throw refused;
        }
      }
    };
  }

  /// What it is, for people.
  default String describe() {
    return switch (this) {
      case Repeated(Hash hash, long iterations, _) ->
          "pbkdf2 " + hash.label() + ", " + iterations + " iterations";
      case Memory(Argon2 argon2, _) ->
          (argon2.kind() == Argon2.Kind.I ? "argon2i, " : "argon2id, ")
              + argon2.passes()
              + " passes over "
              + argon2.kibibytes()
              + " KiB in "
              + argon2.lanes()
              + " lanes";
    };
  }

  /// A new derivation of the same kind, with a salt of its own, that takes so long here.
  default Derivation like(int millis, int length) {
    return switch (this) {
      case Repeated(Hash hash, _, _) -> repeated(hash, millis, length);
      case Memory(Argon2 argon2, _) -> memory(argon2.kind(), millis, argon2.kibibytes());
    };
  }

  /// A new derivation by repetition.
  static Derivation repeated(Hash hash, int millis, int length) {
    return new Repeated(
        hash, Pbkdf2.iterations(hash, length, millis, Effort.LEAST_ITERATIONS), salt());
  }

  /// A new derivation by memory: as much of it as the time allows, and then more passes.
  ///
  /// @param most kibibytes at most
  static Derivation memory(Argon2.Kind kind, int millis, int most) {
    int lanes = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4);
    int least = 8 * lanes * 4;
    int sample = Math.clamp(most, least, 64 << 10);
    double perMilli = 0;
    for (int run = 0; run < 2; run++) {
      long started = System.nanoTime();
      new Argon2(kind, 1, sample, lanes).derive(new byte[16], new byte[16], 32);
      perMilli = Math.max(perMilli, sample * 1e6 / Math.max(System.nanoTime() - started, 1));
    }
    long inAll = (long) Math.min(perMilli * millis, Effort.KIBIBYTES_IN_ALL);
    int kibibytes = Math.clamp(inAll / 4, least, Math.max(most, least));
    int passes = Math.clamp(inAll / kibibytes, 4, 1000);
    return new Memory(new Argon2(kind, passes, kibibytes, lanes), salt());
  }

  private static Bytes salt() {
    byte[] salt = new byte[32];
    new SecureRandom().nextBytes(salt);
    return Bytes.of(salt);
  }
}
