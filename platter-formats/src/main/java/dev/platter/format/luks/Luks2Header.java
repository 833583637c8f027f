package dev.platter.format.luks;

import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The binary header of LUKS version 2, there twice; the JSON area follows each. Big-endian ("LUKS2
/// On-Disk Format Specification" 1.1.1, 2.1).
///
/// @param magic `LUKS` 0xba 0xbe, of the second one `SKUL` 0xba 0xbe
/// @param version 2
/// @param size bytes of this header and its JSON area
/// @param sequence which of the two is newer
/// @param label the user's name for it
/// @param algorithm of the checksum
/// @param salt random, so that no two headers are the same
/// @param uuid of the container, a text
/// @param subsystem the user's second name
/// @param offset where this header is
/// @param padding not used
/// @param checksum of this header and its JSON area, with zeros in its own place
record Luks2Header(
    Bytes magic,
    int version,
    long size,
    long sequence,
    Bytes label,
    Bytes algorithm,
    Bytes salt,
    Bytes uuid,
    Bytes subsystem,
    long offset,
    Bytes padding,
    Bytes checksum) {

  static final Bytes FIRST = Bytes.of(new byte[] {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe});
  static final Bytes SECOND = Bytes.of(new byte[] {'S', 'K', 'U', 'L', (byte) 0xba, (byte) 0xbe});

  /// Bytes of the binary header, of which a structure is only the start.
  static final int BYTES = 4096;

  static final int LEAST = 16 << 10;
  static final int MOST = 4 << 20;

  private static final Luks2Header BLANK =
      new Luks2Header(
          Bytes.zeros(6),
          0,
          0,
          0,
          Bytes.zeros(48),
          Bytes.zeros(32),
          Bytes.zeros(64),
          Bytes.zeros(40),
          Bytes.zeros(48),
          0,
          Bytes.zeros(184),
          Bytes.zeros(64));

  static final Struct<Luks2Header> STRUCT =
      Struct.bigEndian("LUKS2 header", BLANK, Luks2Header::fields);

  private static Luks2Header fields(Fields f, Luks2Header h) {
    return new Luks2Header(
        f.bytes("magic", 6, h.magic),
        f.u16("version", h.version),
        f.u64("hdr_size", h.size),
        f.u64("seqid", h.sequence),
        f.bytes("label", 48, h.label),
        f.bytes("csum_alg", 32, h.algorithm),
        f.bytes("salt", 64, h.salt),
        f.bytes("uuid", 40, h.uuid),
        f.bytes("subsystem", 48, h.subsystem),
        f.u64("hdr_offset", h.offset),
        f.reserved(184, h.padding),
        f.bytes("csum", 64, h.checksum));
  }

  Luks2Header with(Bytes newChecksum) {
    return new Luks2Header(
        magic,
        version,
        size,
        sequence,
        label,
        algorithm,
        salt,
        uuid,
        subsystem,
        offset,
        padding,
        newChecksum);
  }

  /// The same, one change later, as the first or the second of the two.
  ///
  /// @param newMagic [#FIRST] or [#SECOND]
  Luks2Header next(Bytes newMagic, byte[] newSalt) {
    return new Luks2Header(
        newMagic,
        version,
        size,
        sequence + 1,
        label,
        algorithm,
        Bytes.of(newSalt),
        uuid,
        subsystem,
        newMagic.equals(FIRST) ? 0 : size,
        padding,
        Bytes.zeros(64));
  }

  /// The checksum of a header's area.
  ///
  /// @param area with zeros in the checksum's place
  static Bytes sum(byte[] area) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(area);
      return Bytes.of(java.util.Arrays.copyOf(digest, 64));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
