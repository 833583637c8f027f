package dev.platter.format.vdi;

import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Description;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.Identified;
import dev.platter.image.Property;
import dev.platter.struct.Bytes;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// A header with another description. Everything is in the file's first sector, so that one write
/// changes all of it or nothing.
final class VdiChangedHeader {
  private static final Bytes NONE = Bytes.zeros(16);

  private VdiChangedHeader() {}

  /// What an image with this header has a place for.
  static Set<Property> places(VdiHeader header) {
    Set<Property> places = EnumSet.allOf(Property.class);
    if (!header.isLarge()) {
      places.remove(Property.LOGICAL_GEOMETRY);
    }
    if (header.isOld()) {
      places.remove(Property.PARENT_MODIFICATION);
    }
    if (header.type() == VdiHeader.FIXED) {
      places.remove(Property.PARENT);
      places.remove(Property.PARENT_IDENTITY);
      places.remove(Property.PARENT_MODIFICATION);
    }
    return places;
  }

  /// The header with the change, if it has a place for all of it.
  static VdiHeader of(VdiHeader h, Description change) {
    change.checkPlaces(places(h), "a " + h.variant() + " VDI image of version " + h.versionText());
    Optional<Identified> newParent = change.newParent().map(VdiChangedHeader::identified);
    Bytes parent =
        change
            .parentIdentity()
            .or(() -> newParent.map(Identified::identity))
            .map(Bytes::mixedEndian)
            .orElse(change.orphans() ? NONE : h.parent());
    Bytes parentModification =
        change
            .parentModification()
            .or(() -> newParent.map(p -> p.modification().orElse(Description.NO_UUID)))
            .map(Bytes::mixedEndian)
            .orElse(parent.isZero() ? NONE : h.parentModification());
    return new VdiHeader(
        h.text(),
        h.signature(),
        h.version(),
        h.headerSize(),
        type(h, parent),
        h.flags(),
        change.comment().map(VdiChangedHeader::comment).orElse(h.comment()),
        h.mapPosition(),
        h.dataPosition(),
        change.physical().map(VdiChangedHeader::geometry).orElse(h.physical()),
        h.translation(),
        h.size(),
        h.blockSize(),
        h.extraSize(),
        h.blocks(),
        h.allocated(),
        change.identity().map(VdiChangedHeader::uuid).orElse(h.identity()),
        change.modification().map(VdiChangedHeader::uuid).orElse(h.modification()),
        parent,
        parentModification,
        change.logical().map(VdiChangedHeader::geometry).orElse(h.logical()));
  }

  /// Readers refuse a differencing image without a parent's UUID.
  private static long type(VdiHeader h, Bytes parent) {
    if (h.type() == VdiHeader.DIFFERENCING && parent.isZero()) {
      return VdiHeader.DYNAMIC;
    }
    return h.type() == VdiHeader.DYNAMIC && !parent.isZero() ? VdiHeader.DIFFERENCING : h.type();
  }

  private static Bytes uuid(UUID uuid) {
    if (uuid.equals(Description.NO_UUID)) {
      throw new IllegalArgumentException("a VDI image must have UUIDs that are not all zeros");
    }
    return Bytes.mixedEndian(uuid);
  }

  /// A comment as it stands in the header, with a zero byte behind it.
  ///
  /// @throws IllegalArgumentException if it is too long
  static Bytes comment(String text) {
    Bytes fitting;
    try {
      fitting = Bytes.text(text, VdiHeader.COMMENT_SIZE - 1);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a VDI image's comment: " + e.getMessage(), e);
    }
    return Bytes.of(Arrays.copyOf(fitting.toArray(), VdiHeader.COMMENT_SIZE));
  }

  private static VdiGeometry geometry(Geometry geometry) {
    VdiGeometry changed = VdiGeometry.of(geometry);
    if (geometry.isNone()
        || (geometry.cylinders() <= 0xffff_ffffL && changed.known().isPresent())) {
      return changed;
    }
    throw new IllegalArgumentException(
        "a VDI image's geometry has 1 to 4294967295 cylinders, 1 to 65535 heads and sectors");
  }

  /// The parent, which the format names by its UUIDs alone.
  ///
  /// @throws IllegalArgumentException if it is not at hand
  static Identified identified(Backing backing) {
    boolean vdi = backing.format().map(VdiFormat.NAME::equals).orElse(true);
    if (vdi && backing.image().orElse(null) instanceof Identified image) {
      return image;
    }
    throw new IllegalArgumentException(
        "a VDI image names its parent by UUID, so the parent must be a VDI image that can be opened;"
            + " '"
            + backing.name()
            + "' is not");
  }
}
