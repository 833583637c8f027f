package dev.platter.format.crypto;

import dev.platter.image.Blueprint;
import dev.platter.image.ImageException;
import dev.platter.image.Option;
import dev.platter.image.Options;
import dev.platter.image.Secret;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How a new image shall be encrypted, with `qemu-img`'s names and defaults.
///
/// @param secretName the secret of the first slot, see [dev.platter.image.Secrets#named]
/// @param keyBytes bytes of the disk's key
/// @param hash of derivation and splitting
/// @param millis how long deriving the slot's key shall take
public record DraftOptions(
    String secretName, CipherSpec spec, int keyBytes, Hash hash, int millis) {

  /// The options of a format.
  ///
  /// @param prefix what stands in front of the names: `encrypt.` in formats that need not be
  ///   encrypted
  public static List<Option> declared(String prefix) {
    List<Option> options = new ArrayList<>();
    options.add(
        Option.text(prefix + "key-secret", "name of the secret that opens the image (--object)"));
    options.add(
        Option.choice(
            prefix + "cipher-alg",
            List.of("aes-256", "aes-192", "aes-128"),
            "the cipher and bits of its key"));
    options.add(Option.choice(prefix + "cipher-mode", List.of("xts", "cbc"), "the cipher's mode"));
    options.add(
        Option.choice(
            prefix + "ivgen-alg",
            List.of("plain64", "plain", "essiv"),
            "what becomes of a sector's number"));
    options.add(
        Option.choice(
            prefix + "ivgen-hash-alg", List.of("sha256"), "the hash of the key for essiv"));
    options.add(
        Option.choice(
            prefix + "hash-alg",
            List.of("sha256", "sha1", "sha224", "sha384", "sha512"),
            "the hash that keys are derived with"));
    options.add(
        Option.number(prefix + "iter-time", "2000", "milliseconds that one guess shall take"));
    return options;
  }

  /// Reads the options.
  ///
  /// @throws IllegalArgumentException if there is no secret or the options do not go together
  public static DraftOptions of(Options options, String prefix) {
    String secret = options.text(prefix + "key-secret");
    require(
        !secret.isEmpty(),
        prefix
            + "key-secret=NAME is needed: an encrypted image has a key (--object secret,id=NAME,"
            + "file=FILE)");
    CipherSpec.Mode mode = CipherSpec.Mode.valueOf(upper(options.text(prefix + "cipher-mode")));
    CipherSpec.Vector vector = CipherSpec.Vector.valueOf(upper(options.text(prefix + "ivgen-alg")));
    require(
        mode == CipherSpec.Mode.CBC || vector != CipherSpec.Vector.ESSIV,
        prefix + "ivgen-alg=essiv is for " + prefix + "cipher-mode=cbc only");
    var spec = new CipherSpec(mode, vector, Hash.SHA256);
    String cipher = options.text(prefix + "cipher-alg");
    int bits = Integer.parseInt(cipher.substring(cipher.indexOf('-') + 1));
    int millis = options.number(prefix + "iter-time");
    require(
        millis > 0 && millis <= 60_000, prefix + "iter-time=" + millis + ": expected 1 to 60000");
    return new DraftOptions(
        secret,
        spec,
        spec.keyBytes(bits),
        Hash.valueOf(upper(options.text(prefix + "hash-alg"))),
        millis);
  }

  private static String upper(String name) {
    return name.toUpperCase(Locale.ROOT);
  }

  private static void require(boolean fine, String otherwise) {
    if (!fine) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /// A new key for the disk.
  public Secret newKey() {
    byte[] key = new byte[keyBytes];
    new SecureRandom().nextBytes(key);
    return Secret.of(key);
  }

  /// The secret of the first slot.
  public Secret secret(Blueprint blueprint) throws IOException {
    return blueprint
        .secrets()
        .named(secretName)
        .orElseThrow(() ->
            new ImageException.Locked(
                blueprint.name(),
                "cannot be made without the secret '" + secretName + "', which was not given"));
  }

  /// Iterations of PBKDF2 that take as long as asked for.
  public long iterations() {
    return Pbkdf2.iterations(hash, keyBytes, millis, Effort.LEAST_ITERATIONS);
  }
}
