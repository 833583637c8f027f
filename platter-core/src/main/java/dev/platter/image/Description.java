package dev.platter.image;

import dev.platter.image.Blueprint.Backing;
import dev.platter.image.HasGeometry.Geometry;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// A change of what an image says about itself; what is empty stays as it is.
///
/// @param identity the image's UUID
/// @param modification the UUID of its state
/// @param parentIdentity the parent's UUID; [#NO_UUID] takes it away
/// @param parentModification the UUID of the parent's state; [#NO_UUID] takes it away
/// @param comment the comment; an empty text takes it away
/// @param physical the geometry that the drive reports; [Geometry#NONE] takes it away
/// @param logical the geometry that a BIOS uses; [Geometry#NONE] takes it away
/// @param parent another parent, or none. With the parent's image at hand everything that the
///   format records of a parent comes from there (UUIDs, times, format), unless it is given here;
///   without it only the name and the format change.
public record Description(
    Optional<UUID> identity,
    Optional<UUID> modification,
    Optional<UUID> parentIdentity,
    Optional<UUID> parentModification,
    Optional<String> comment,
    Optional<Geometry> physical,
    Optional<Geometry> logical,
    Optional<Parent> parent) {

  /// The UUID that stands for none.
  public static final UUID NO_UUID = new UUID(0, 0);

  /// No change.
  public static final Description UNCHANGED =
      new Description(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /// What becomes of the reference to a parent.
  public sealed interface Parent {
    /// The image has no parent any more: what it does not store reads as zeros.
    record None() implements Parent {}

    /// The image has this parent.
    record Of(Backing backing) implements Parent {}
  }

  /// The same with an identity.
  public Description withIdentity(UUID uuid) {
    return new Description(
        Optional.of(uuid),
        modification,
        parentIdentity,
        parentModification,
        comment,
        physical,
        logical,
        parent);
  }

  /// The same with an identity of the state.
  public Description withModification(UUID uuid) {
    return new Description(
        identity,
        Optional.of(uuid),
        parentIdentity,
        parentModification,
        comment,
        physical,
        logical,
        parent);
  }

  /// The same with an identity of the parent.
  public Description withParentIdentity(UUID uuid) {
    return new Description(
        identity,
        modification,
        Optional.of(uuid),
        parentModification,
        comment,
        physical,
        logical,
        parent);
  }

  /// The same with an identity of the parent's state.
  public Description withParentModification(UUID uuid) {
    return new Description(
        identity,
        modification,
        parentIdentity,
        Optional.of(uuid),
        comment,
        physical,
        logical,
        parent);
  }

  /// The same with a comment.
  public Description withComment(String text) {
    return new Description(
        identity,
        modification,
        parentIdentity,
        parentModification,
        Optional.of(text),
        physical,
        logical,
        parent);
  }

  /// The same with a geometry of the drive.
  public Description withPhysical(Geometry geometry) {
    return new Description(
        identity,
        modification,
        parentIdentity,
        parentModification,
        comment,
        Optional.of(geometry),
        logical,
        parent);
  }

  /// The same with a geometry of the BIOS.
  public Description withLogical(Geometry geometry) {
    return new Description(
        identity,
        modification,
        parentIdentity,
        parentModification,
        comment,
        physical,
        Optional.of(geometry),
        parent);
  }

  /// The same with another parent.
  public Description withParent(Backing backing) {
    return with(new Parent.Of(backing));
  }

  /// The same without a parent.
  public Description withoutParent() {
    return with(new Parent.None());
  }

  private Description with(Parent changed) {
    return new Description(
        identity,
        modification,
        parentIdentity,
        parentModification,
        comment,
        physical,
        logical,
        Optional.of(changed));
  }

  /// The new parent, if there is to be another one.
  public Optional<Backing> newParent() {
    return parent.orElse(null) instanceof Parent.Of(Backing backing)
        ? Optional.of(backing)
        : Optional.empty();
  }

  /// Whether the image is to have no parent any more.
  public boolean orphans() {
    return parent.orElse(null) instanceof Parent.None;
  }

  /// What changes.
  public Set<Property> properties() {
    Set<Property> changed = EnumSet.noneOf(Property.class);
    add(changed, Property.IDENTITY, identity);
    add(changed, Property.MODIFICATION, modification);
    add(changed, Property.PARENT_IDENTITY, parentIdentity);
    add(changed, Property.PARENT_MODIFICATION, parentModification);
    add(changed, Property.COMMENT, comment);
    add(changed, Property.PHYSICAL_GEOMETRY, physical);
    add(changed, Property.LOGICAL_GEOMETRY, logical);
    add(changed, Property.PARENT, parent);
    return changed;
  }

  private static void add(Set<Property> changed, Property property, Optional<?> value) {
    if (value.isPresent()) {
      changed.add(property);
    }
  }

  /// Refuses the change as a whole if there is no place for a part of it.
  ///
  /// @param places what there is a place for
  /// @param image what has these places, such as `a fixed VDI image`
  /// @throws IllegalArgumentException that names the properties without a place
  public void checkPlaces(Set<Property> places, String image) {
    Set<Property> lost = properties();
    lost.removeAll(places);
    if (!lost.isEmpty()) {
      throw new IllegalArgumentException(
          image
              + " has no place for "
              + String.join(" or ", lost.stream().map(Property::phrase).toList()));
    }
  }
}
