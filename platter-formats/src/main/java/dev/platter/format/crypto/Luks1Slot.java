package dev.platter.format.crypto;

import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;

/// A key slot of a LUKS1 header.
///
/// @param active 0x00ac71f3 if it is used, 0x0000dead if not
/// @param iterations of PBKDF2
/// @param salt for it
/// @param position of the key material, in sectors of 512 (`key-material-offset`)
/// @param stripes how many the key was split to
record Luks1Slot(long active, long iterations, Bytes salt, long position, long stripes) {
  static final long USED = 0x00ac71f3L;
  static final long FREE = 0x0000deadL;
  static final int SALT = 32;

  /// A slot of zeros.
  static final Luks1Slot BLANK = new Luks1Slot(0, 0, Bytes.zeros(SALT), 0, 0);

  static Luks1Slot fields(Fields f, int number, Luks1Slot s) {
    String slot = "slot " + number + " ";
    return new Luks1Slot(
        f.u32(slot + "active", s.active),
        f.u32(slot + "iterations", s.iterations),
        f.bytes(slot + "salt", SALT, s.salt),
        f.u32(slot + "key-material-offset", s.position),
        f.u32(slot + "stripes", s.stripes));
  }

  boolean used() {
    return active == USED;
  }

  /// A free slot at a place.
  static Luks1Slot free(long position) {
    return new Luks1Slot(FREE, 0, Bytes.zeros(SALT), position, AntiForensic.STRIPES);
  }

  /// The same in use.
  Luks1Slot used(long newIterations, byte[] newSalt) {
    return new Luks1Slot(USED, newIterations, Bytes.of(newSalt), position, AntiForensic.STRIPES);
  }
}
