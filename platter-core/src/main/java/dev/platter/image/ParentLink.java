package dev.platter.image;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What an image says about its parent.
///
/// @param names where the parent was, in the order in which to try them, as written in the image;
///   none where the format identifies the parent only by UUID
/// @param format the parent's format if the image says so or the format implies it
/// @param unsaid what it means that there is no `format`
/// @param identity the UUID that the parent must have, where the format records one
/// @param modification the modification UUID that the parent must have, likewise
/// @param otherModifications modification UUIDs that the parent may have instead
public record ParentLink(
    List<String> names,
    Optional<String> format,
    Unsaid unsaid,
    Optional<UUID> identity,
    Optional<UUID> modification,
    List<UUID> otherModifications) {

  /// What it means that an image does not say its parent's format.
  public enum Unsaid {
    /// Nothing. The parent may be raw, and a guest may have written any header into it: what it
    /// looks like is believed only if it is raw, or if its name says the same.
    NOTHING,
    /// That it is not raw: it is what it looks like.
    NOT_RAW
  }

  /// A parent whose format is said, or may be anything.
  public ParentLink(
      List<String> names,
      Optional<String> format,
      Optional<UUID> identity,
      Optional<UUID> modification,
      List<UUID> otherModifications) {
    this(names, format, Unsaid.NOTHING, identity, modification, otherModifications);
  }

  /// A parent that has at most one modification UUID.
  public ParentLink(
      List<String> names,
      Optional<String> format,
      Optional<UUID> identity,
      Optional<UUID> modification) {
    this(names, format, identity, modification, List.of());
  }

  /// A parent known by its name alone.
  public static ParentLink named(String name, Optional<String> format) {
    return new ParentLink(List.of(name), format, Optional.empty(), Optional.empty());
  }

  /// A parent known by its name alone, of any format but raw.
  public static ParentLink notRaw(String name) {
    return new ParentLink(
        List.of(name),
        Optional.empty(),
        Unsaid.NOT_RAW,
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  /// A child of a parent known by UUIDs alone, which is an image of the given format.
  public static ParentLink identified(UUID identity, Optional<UUID> modification, String format) {
    return new ParentLink(List.of(), Optional.of(format), Optional.of(identity), modification);
  }
}
