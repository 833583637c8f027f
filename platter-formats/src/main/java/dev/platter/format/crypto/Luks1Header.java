package dev.platter.format.crypto;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The header of LUKS version 1, the first 592 bytes. Big-endian ("LUKS1 On-Disk Format
/// Specification" 1.2.3, 3).
///
/// @param magic `LUKS` 0xba 0xbe
/// @param version 1
/// @param cipher the cipher's name
/// @param mode its mode
/// @param hash the hash of derivation and splitting
/// @param payload where guest data starts, in sectors of 512
/// @param keyBytes bytes of the disk's key
/// @param digest of that key
/// @param digestSalt for the digest
/// @param digestIterations for it
/// @param uuid of the container, a text
/// @param slots eight
record Luks1Header(
    Bytes magic,
    int version,
    Bytes cipher,
    Bytes mode,
    Bytes hash,
    long payload,
    long keyBytes,
    Bytes digest,
    Bytes digestSalt,
    long digestIterations,
    Bytes uuid,
    List<Luks1Slot> slots) {

  static final Bytes MAGIC = Bytes.of(new byte[] {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe});
  static final int SLOTS = 8;
  static final int DIGEST = 20;
  static final int NAME = 32;
  static final int SECTOR = 512;

  private static final Luks1Header BLANK =
      new Luks1Header(
          Bytes.zeros(6),
          0,
          Bytes.zeros(NAME),
          Bytes.zeros(NAME),
          Bytes.zeros(NAME),
          0,
          0,
          Bytes.zeros(DIGEST),
          Bytes.zeros(Luks1Slot.SALT),
          0,
          Bytes.zeros(40),
          java.util.Collections.nCopies(SLOTS, Luks1Slot.BLANK));

  static final Struct<Luks1Header> STRUCT =
      Struct.bigEndian("LUKS1 header", BLANK, Luks1Header::fields);

  private static Luks1Header fields(Fields f, Luks1Header h) {
    return new Luks1Header(
        f.bytes("magic", 6, h.magic),
        f.u16("version", h.version),
        f.bytes("cipher-name", NAME, h.cipher),
        f.bytes("cipher-mode", NAME, h.mode),
        f.bytes("hash-spec", NAME, h.hash),
        f.u32("payload-offset", h.payload),
        f.u32("key-bytes", h.keyBytes),
        f.bytes("mk-digest", DIGEST, h.digest),
        f.bytes("mk-digest-salt", Luks1Slot.SALT, h.digestSalt),
        f.u32("mk-digest-iterations", h.digestIterations),
        f.bytes("uuid", 40, h.uuid),
        slots(f, h.slots));
  }

  private static List<Luks1Slot> slots(Fields f, List<Luks1Slot> slots) {
    List<Luks1Slot> all = new ArrayList<>();
    for (int number = 0; number < SLOTS; number++) {
      all.add(Luks1Slot.fields(f, number, slots.get(number)));
    }
    return List.copyOf(all);
  }

  /// The text of a field.
  static String text(Bytes field) {
    return field.text(StandardCharsets.UTF_8);
  }

  /// Bytes of a slot's key material.
  long material() {
    return keyBytes * AntiForensic.STRIPES;
  }

  /// The same with another slot.
  Luks1Header with(int number, Luks1Slot slot) {
    List<Luks1Slot> changed = new ArrayList<>(slots);
    changed.set(number, slot);
    return new Luks1Header(
        magic,
        version,
        cipher,
        mode,
        hash,
        payload,
        keyBytes,
        digest,
        digestSalt,
        digestIterations,
        uuid,
        List.copyOf(changed));
  }

  /// Checks what the rest of the package takes for granted.
  ///
  /// @param end where key material must end at the latest, counted from the header
  Luks1Header checked(Storage storage, long end) throws ImageException {
    String file = storage.name();
    require(magic.equals(MAGIC), file, "magic", magic, "LUKS 0xba 0xbe");
    require(version == 1, file, "version", version, "1");
    for (Bytes name : List.of(cipher, mode, hash, uuid)) {
      byte[] bytes = name.toArray();
      require(bytes[bytes.length - 1] == 0, file, "a name", name, "text that ends");
    }
    require(
        CipherSpec.parse(file, text(cipher), text(mode)).takes((int) Math.min(keyBytes, 1024)),
        file,
        "key-bytes",
        keyBytes,
        "a length that the cipher takes");
    Hash.of(file, text(hash));
    require(digestIterations > 0, file, "mk-digest-iterations", digestIterations, "at least 1");
    Limits.check(file, "mk-digest-iterations", digestIterations, Effort.ITERATIONS);
    for (int number = 0; number < SLOTS; number++) {
      Luks1Slot slot = slots.get(number);
      String field = "slot " + number + " ";
      require(
          slot.used() || slot.active() == Luks1Slot.FREE,
          file,
          field + "active",
          slot.active(),
          "0xac71f3 or 0xdead");
      if (slot.used()) {
        checkUsed(file, field, slot, end);
      }
    }
    checkApart(file);
    return this;
  }

  private void checkUsed(String file, String field, Luks1Slot slot, long end)
      throws ImageException {
    require(
        slot.stripes() == AntiForensic.STRIPES, file, field + "stripes", slot.stripes(), "4000");
    require(slot.iterations() > 0, file, field + "iterations", slot.iterations(), "at least 1");
    Limits.check(file, field + "iterations", slot.iterations(), Effort.ITERATIONS);
    require(
        inside(slot, end),
        file,
        field + "key-material-offset",
        slot.position(),
        "sectors between the header and guest data");
  }

  /// Whether a slot's key material has a place of its own kind.
  boolean inside(Luks1Slot slot, long end) {
    return slot.position() * SECTOR >= STRUCT.size()
        && slot.position() * SECTOR + material() <= end;
  }

  private void checkApart(String file) throws ImageException {
    for (int one = 0; one < SLOTS; one++) {
      for (int other = one + 1; other < SLOTS; other++) {
        require(
            !slots.get(one).used() || !slots.get(other).used() || apart(one, other),
            file,
            "slot " + other + " key-material-offset",
            slots.get(other).position(),
            "a place outside slot " + one);
      }
    }
  }

  /// Whether the key materials of two slots do not overlap.
  boolean apart(int one, int other) {
    long distance = Math.abs(slots.get(one).position() - slots.get(other).position());
    return distance * SECTOR >= material();
  }

  private static void require(
      boolean holds, String file, String field, Object value, String expected)
      throws ImageException {
    if (!holds) {
      throw new ImageException.Corrupt(
          file, "LUKS header field " + field + " is " + value + ", expected " + expected);
    }
  }
}
