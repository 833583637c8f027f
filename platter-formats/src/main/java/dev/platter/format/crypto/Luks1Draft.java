package dev.platter.format.crypto;

import dev.platter.image.Blueprint;
import dev.platter.image.Plan;
import dev.platter.image.Secret;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// The LUKS1 header of a new image. The secret is asked for, and the slot's key derived, when the
/// first byte of the header is written: a plan that is only measured needs neither.
public final class Luks1Draft {
  private static final int ALIGNMENT = 4096;

  private final Blueprint blueprint;
  private final DraftOptions options;
  private final Secret key;
  private final String uuid;
  private Optional<byte[]> bytes = Optional.empty();

  /// A new header with a new key.
  public Luks1Draft(Blueprint blueprint, DraftOptions options) {
    this.blueprint = blueprint;
    this.options = options;
    this.key = options.newKey();
    this.uuid = blueprint.identities().get().toString();
  }

  /// Where a slot's key material is, as QEMU places it: behind 4096 bytes, each at a multiple of
  /// 4096.
  static long slotPosition(int number, int keyBytes) {
    long material = (long) keyBytes * AntiForensic.STRIPES;
    return ALIGNMENT + number * (material + ALIGNMENT - 1 & -ALIGNMENT);
  }

  /// Bytes up to the end of the last slot.
  static long length(int keyBytes) {
    return slotPosition(Luks1Header.SLOTS, keyBytes);
  }

  /// Bytes of header and slots.
  public long length() {
    return length(options.keyBytes());
  }

  /// The cipher of guest data.
  public SectorCipher cipher() {
    return new SectorCipher(options.spec(), key.bytes(), Luks1Header.SECTOR, 0);
  }

  /// Header and slots as a piece of a plan.
  public Plan.Piece piece(long position) {
    return new Plan.Piece.Metadata(position, length(), this::fill);
  }

  private void fill(long start, MemorySegment target) throws IOException {
    // only the first slot is used: behind it are zeros, which the target is full of
    byte[] made = made();
    long there = Math.clamp(made.length - start, 0, target.byteSize());
    if (there > 0) {
      target.asSlice(0, there).copyFrom(MemorySegment.ofArray(made).asSlice(start, there));
    }
  }

  private synchronized byte[] made() throws IOException {
    if (bytes.isEmpty()) {
      try (Secret secret = options.secret(blueprint)) {
        long iterations = options.iterations();
        Luks1Header header =
            Luks1.blank(
                options.spec(),
                options.hash(),
                key,
                uuid,
                Math.max(iterations / 8, Effort.LEAST_ITERATIONS));
        var storage = new MemoryStorage("header");
        storage.resize(slotPosition(1, options.keyBytes()));
        Luks1.create(storage, header, key, secret, iterations);
        byte[] made = new byte[(int) storage.size()];
        storage.read(0, MemorySegment.ofArray(made));
        bytes = Optional.of(made);
      }
    }
    return bytes.get();
  }
}
