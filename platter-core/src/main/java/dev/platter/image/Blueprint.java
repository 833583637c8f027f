package dev.platter.image;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// What a new image shall be.
///
/// @param size bytes of the disk
/// @param options the format's options
/// @param name the new image's file name without its folder, for formats that write it down or name
///   further files after it
/// @param backing the parent, if it is to be a child
/// @param identities makes UUIDs; random unless the user asked for the same file every time
/// @param now the time to write down
/// @param secrets the keys that options name
public record Blueprint(
    long size,
    Options options,
    String name,
    Optional<Backing> backing,
    Supplier<UUID> identities,
    Instant now,
    Secrets secrets) {

  /// A blueprint without secrets.
  public Blueprint(
      long size,
      Options options,
      String name,
      Optional<Backing> backing,
      Supplier<UUID> identities,
      Instant now) {
    this(size, options, name, backing, identities, now, Secrets.none());
  }

  /// The parent of a new child.
  ///
  /// @param name as the user wrote it: relative to the child's folder, or absolute
  /// @param format the parent's format
  /// @param image the parent, where it could be opened: sizes, geometry and identities come from it
  public record Backing(String name, Optional<String> format, Optional<Image> image) {}

  /// A blueprint with random identities and today's time.
  public static Blueprint of(long size, Options options, String name) {
    return new Blueprint(size, options, name, Optional.empty(), UUID::randomUUID, Instant.now());
  }

  /// The same with a parent.
  public Blueprint on(Backing parent) {
    return new Blueprint(size, options, name, Optional.of(parent), identities, now, secrets);
  }

  /// The same with keys for an encrypted image.
  public Blueprint with(Secrets keys) {
    return new Blueprint(size, options, name, backing, identities, now, keys);
  }
}
