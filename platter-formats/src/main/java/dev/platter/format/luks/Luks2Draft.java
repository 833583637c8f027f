package dev.platter.format.luks;

import dev.platter.format.crypto.Argon2;
import dev.platter.format.crypto.DraftOptions;
import dev.platter.format.crypto.Effort;
import dev.platter.format.crypto.Pbkdf2;
import dev.platter.format.crypto.SectorCipher;
import dev.platter.image.Blueprint;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Secret;
import dev.platter.io.MemoryStorage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/// The headers of a new LUKS2 container, made when their first byte is written: a plan that is only
/// measured needs no secret.
final class Luks2Draft {
  /// Where guest data starts, as cryptsetup places it.
  static final long PAYLOAD = 16 << 20;

  private static final int HEADER = 16 << 10;

  private final Blueprint blueprint;
  private final DraftOptions options;
  private final int sector;
  private final long memory;
  private final Secret key;
  private final String uuid;
  private Optional<byte[]> bytes = Optional.empty();

  /// New headers with a new key.
  Luks2Draft(Blueprint blueprint, DraftOptions options) {
    long sectorSize = blueprint.options().size(LuksPlan.SECTOR_SIZE);
    LuksPlan.require(
        Long.bitCount(sectorSize) == 1 && sectorSize >= 512 && sectorSize <= 4096,
        "sector-size=" + sectorSize + ": expected 512, 1024, 2048 or 4096");
    this.memory = blueprint.options().size(LuksPlan.PBKDF_MEMORY) >> 10;
    LuksPlan.require(
        memory >= 32 && memory <= Effort.KIBIBYTES, "pbkdf-memory: expected 32K to 4G");
    LuksPlan.require(label(blueprint).length < 48, "label: at most 47 bytes fit");
    this.blueprint = blueprint;
    this.options = options;
    this.sector = (int) sectorSize;
    this.key = options.newKey();
    this.uuid = blueprint.identities().get().toString();
  }

  private static byte[] label(Blueprint blueprint) {
    return blueprint.options().text(LuksPlan.LABEL).getBytes(StandardCharsets.UTF_8);
  }

  /// The cipher of guest data.
  SectorCipher cipher() {
    return new SectorCipher(options.spec(), key.bytes(), sector, 0);
  }

  /// Headers and slots as a piece of a plan.
  Piece piece() {
    long used = 2L * HEADER + Luks2.material(options.keyBytes());
    return new Piece.Metadata(0, used, this::fill);
  }

  private void fill(long start, MemorySegment target) throws IOException {
    target.copyFrom(MemorySegment.ofArray(made()).asSlice(start, target.byteSize()));
  }

  private synchronized byte[] made() throws IOException {
    if (bytes.isEmpty()) {
      try (Secret secret = options.secret(blueprint)) {
        var storage = new MemoryStorage("header");
        int end = (int) (2L * HEADER + Luks2.material(options.keyBytes()));
        storage.resize(end);
        Luks2Slot slot = slot();
        Luks2.create(storage, new Luks2Area(header(), json(slot)), slot, key, secret);
        byte[] made = new byte[end];
        storage.read(0, MemorySegment.ofArray(made));
        bytes = Optional.of(made);
      }
    }
    return bytes.get();
  }

  private Luks2Slot slot() {
    int millis = options.millis();
    Derivation derivation =
        switch (blueprint.options().text(LuksPlan.PBKDF)) {
          case "pbkdf2" -> Derivation.repeated(options.hash(), millis, options.keyBytes());
          case "argon2i" -> Derivation.memory(Argon2.Kind.I, millis, (int) memory);
          default -> Derivation.memory(Argon2.Kind.ID, millis, (int) memory);
        };
    return new Luks2Slot(
        0,
        options.keyBytes(),
        options.hash(),
        2L * HEADER,
        Luks2.material(options.keyBytes()),
        options.spec(),
        options.keyBytes(),
        derivation);
  }

  private Luks2Header header() {
    return new Luks2Header(
        Luks2Header.FIRST,
        2,
        HEADER,
        0,
        Bytes.text(blueprint.options().text(LuksPlan.LABEL), 48),
        Bytes.text("sha256", 32),
        Bytes.zeros(64),
        Bytes.text(uuid, 40),
        Bytes.zeros(48),
        0,
        Bytes.zeros(184),
        Bytes.zeros(64));
  }

  private Json.Members json(Luks2Slot slot) {
    return new Json.Members()
        .put("keyslots", new Json.Members().put("0", slot.json()))
        .put("tokens", new Json.Members())
        .put("segments", new Json.Members().put("0", segment()))
        .put("digests", new Json.Members().put("0", digest()))
        .put(
            "config",
            new Json.Members()
                .put("json_size", Integer.toString(HEADER - Luks2Header.BYTES))
                .put("keyslots_size", Long.toString(PAYLOAD - 2L * HEADER)));
  }

  private Json.Members segment() {
    return new Json.Members()
        .put("type", "crypt")
        .put("offset", Long.toString(PAYLOAD))
        .put("size", "dynamic")
        .put("iv_tweak", "0")
        .put("encryption", options.spec().toString())
        .put("sector_size", sector);
  }

  private Json.Members digest() {
    byte[] salt = new byte[32];
    new SecureRandom().nextBytes(salt);
    long iterations = Math.max(options.iterations() / 8, Effort.LEAST_ITERATIONS);
    byte[] digest =
        Pbkdf2.derive(options.hash(), key.bytes(), salt, iterations, options.hash().bytes());
    return new Json.Members()
        .put("type", "pbkdf2")
        .put("keyslots", Json.Values.of("0"))
        .put("segments", Json.Values.of("0"))
        .put("hash", options.hash().label())
        .put("iterations", iterations)
        .put("salt", Base64.getEncoder().encodeToString(salt))
        .put("digest", Base64.getEncoder().encodeToString(digest));
  }
}
