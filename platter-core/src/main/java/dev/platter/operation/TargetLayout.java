package dev.platter.operation;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.ImageFormat;
import dev.platter.image.Options;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Secrets;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Supplier;

/// What a conversion writes: a format, and the blueprint of the new image, made anew for every
/// layout so that identities are the same each time where they must be.
record TargetLayout(
    ImageFormat format,
    Map<String, String> options,
    String name,
    long size,
    Optional<Blueprint.Backing> backing,
    boolean deterministic,
    Secrets secrets) {
  private static final Instant SAME_TIME = Instant.ofEpochSecond(946_684_800);
  private static final long LARGEST_UNIT = 64L << 20;

  Blueprint blueprint() {
    Supplier<UUID> identities = UUID::randomUUID;
    Instant now = Instant.now();
    if (deterministic) {
      var dice = new SplittableRandom(1);
      identities =
          () ->
              new UUID(
                  (dice.nextLong() & ~0xf000L) | 0x4000L, (dice.nextLong() >>> 2) | Long.MIN_VALUE);
      now = SAME_TIME;
    }
    return new Blueprint(
        size, Options.of(format, options), name, backing, identities, now, secrets);
  }

  boolean gapsReadAsZeros() {
    return format.gapsReadAsZeros(blueprint());
  }

  boolean alwaysPacked() {
    return format.alwaysPacked(blueprint());
  }

  /// Whether every byte of the disk has its place, stored or not: then it need not be known in
  /// advance what is stored.
  boolean fixed() throws IOException {
    if (backing.isPresent()) {
      return false;
    }
    long empty = format.plan(blueprint(), Allocation.empty(size)).size();
    try {
      return empty == format.plan(blueprint(), Allocation.full(size)).size();
    } catch (IllegalArgumentException _) {
      // a disk that fits as long as not all of it is stored
      return false;
    }
  }

  /// Bytes that are allocated together: the room that one byte of data gets.
  long unit() throws IOException {
    if (size == 0) {
      return 1;
    }
    Allocation oneByte = new Allocation.Builder().data(0, 1).build(size);
    return format.plan(blueprint(), oneByte).files().stream()
        .flatMap(file -> file.pieces().stream())
        .filter(Piece.Guest.class::isInstance)
        .mapToLong(Piece::length)
        .map(length -> Math.clamp(powerOfTwo(length), 1, LARGEST_UNIT))
        .findFirst()
        .orElse(1);
  }

  /// The smallest power of two that is not smaller.
  static long powerOfTwo(long bytes) {
    return bytes <= 1 ? 1 : Long.highestOneBit(bytes - 1) << 1;
  }
}
