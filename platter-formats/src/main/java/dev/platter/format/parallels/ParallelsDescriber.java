package dev.platter.format.parallels;

import dev.platter.image.Description;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.Property;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/// Changes the geometry of an image: cylinders and heads, beside each other in the header's sector.
/// Sectors of a track have no field, see [ParallelsHeader#geometry].
final class ParallelsDescriber {
  static final Set<Property> PLACES = EnumSet.of(Property.PHYSICAL_GEOMETRY);

  private ParallelsDescriber() {}

  /// Makes the change, durable when this returns.
  ///
  /// @return the header as it is now
  static ParallelsHeader apply(Storage storage, Description change) throws IOException {
    change.checkPlaces(PLACES, "a Parallels image");
    ParallelsHeader header = ParallelsHeader.STRUCT.read(storage, 0);
    if (change.physical().isEmpty()) {
      return header;
    }
    Geometry wanted = change.physical().get();
    ParallelsHeader changed = header.with(wanted.cylinders() & 0xffff_ffffL, wanted.heads());
    if (!changed.geometry().equals(change.physical().filter(g -> !g.isNone()))) {
      throw new IllegalArgumentException(
          "a Parallels image has cylinders and heads; sectors a track are what makes them the"
              + " disk's "
              + header.size() / ParallelsHeader.SECTOR
              + " sectors, rounded down, which "
              + wanted.cylinders()
              + "/"
              + wanted.heads()
              + "/"
              + wanted.sectors()
              + " does not");
    }
    storage.write(0, MemorySegment.ofArray(ParallelsHeader.STRUCT.encode(changed)));
    storage.flush();
    return changed;
  }
}
