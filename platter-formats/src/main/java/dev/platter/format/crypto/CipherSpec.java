package dev.platter.format.crypto;

import dev.platter.image.ImageException;
import java.util.Locale;

/// How sectors are encrypted, as LUKS names it: `aes` and `xts-plain64`. Only AES is known, since
/// only AES has instructions on today's processors and a place in the platform.
///
/// @param vector what becomes of a sector's number
/// @param vectorHash what the key goes through for [Vector#ESSIV]; not used otherwise
public record CipherSpec(Mode mode, Vector vector, Hash vectorHash) {

  /// What Platter and QEMU make where nobody asks for something else.
  public static final CipherSpec XTS_PLAIN64 =
      new CipherSpec(Mode.XTS, Vector.PLAIN64, Hash.SHA256);

  /// How blocks follow each other.
  public enum Mode {
    /// Cipher block chaining.
    CBC,
    /// IEEE 1619: two keys, the second for the vectors.
    XTS;

    /// The name that LUKS has for it.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What the number of a sector becomes.
  public enum Vector {
    /// 32 bits of it, little-endian.
    PLAIN,
    /// 64 bits of it, little-endian.
    PLAIN64,
    /// The 64 bits, encrypted with a hash of the key.
    ESSIV;

    /// The name that LUKS has for it.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Reads the two names.
  ///
  /// @param storage the storage's name, for messages
  /// @throws ImageException.Unsupported if they name something else than AES
  public static CipherSpec parse(String storage, String cipher, String mode) throws ImageException {
    int dash = mode.indexOf('-');
    int colon = mode.indexOf(':');
    String chaining = dash < 0 ? mode : mode.substring(0, dash);
    String vector = dash < 0 ? "" : mode.substring(dash + 1, colon < dash ? mode.length() : colon);
    String hash = colon < dash ? "" : mode.substring(colon + 1);
    boolean known =
        cipher.equals("aes")
            && (chaining.equals("xts") || chaining.equals("cbc"))
            && switch (vector) {
              case "plain", "plain64" -> hash.isEmpty();
              // a hash of the key is AES's key then, which only some hashes are long enough for
              case "essiv" -> chaining.equals("cbc") && hash.equals("sha256");
              default -> false;
            };
    if (!known) {
      throw new ImageException.Unsupported(
          storage,
          "is encrypted with '"
              + cipher
              + "-"
              + mode
              + "', known are aes in the modes xts and cbc with plain, plain64 or (cbc)"
              + " essiv:sha256");
    }
    return new CipherSpec(
        Mode.valueOf(chaining.toUpperCase(Locale.ROOT)),
        Vector.valueOf(vector.toUpperCase(Locale.ROOT)),
        Hash.SHA256);
  }

  /// The cipher of a LUKS2 text such as `aes-xts-plain64`.
  public static CipherSpec parse(String storage, String text) throws ImageException {
    int dash = text.indexOf('-');
    return dash < 0
        ? parse(storage, text, "")
        : parse(storage, text.substring(0, dash), text.substring(dash + 1));
  }

  /// Whether a key of so many bytes fits.
  public boolean takes(int bytes) {
    int aes = mode == Mode.XTS ? bytes / 2 : bytes;
    return (mode == Mode.CBC || bytes % 2 == 0) && (aes == 16 || aes == 24 || aes == 32);
  }

  /// Bytes of the key for AES of a strength.
  ///
  /// @param bits 128, 192 or 256
  public int keyBytes(int bits) {
    return (mode == Mode.XTS ? 2 : 1) * bits / 8;
  }

  /// Bits of AES with a key of so many bytes.
  public int bits(int keyBytes) {
    return 8 * keyBytes / (mode == Mode.XTS ? 2 : 1);
  }

  /// The cipher's mode as LUKS writes it, such as `xts-plain64`.
  public String modeLabel() {
    return mode.label()
        + "-"
        + vector.label()
        + (vector == Vector.ESSIV ? ":" + vectorHash.label() : "");
  }

  @Override
  public String toString() {
    return "aes-" + modeLabel();
  }
}
