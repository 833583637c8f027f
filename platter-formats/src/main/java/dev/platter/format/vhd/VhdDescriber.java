package dev.platter.format.vhd;

import dev.platter.image.Blueprint.Backing;
import dev.platter.image.Description;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Property;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Changes what an image says about itself.
///
/// A footer is one sector, and whoever reads an image believes one of its two: each is written
/// whole, one after the other. The dynamic header has two sectors; so the new one is first put
/// behind the blocks, where the footers then point to, and only after that into its place, where
/// they point in the end.
final class VhdDescriber {
  private final VhdFile file;
  private final Storage storage;
  private final Optional<VhdSpace> space;

  VhdDescriber(VhdFile file, Optional<VhdSpace> space) {
    this.file = file;
    this.storage = file.storage();
    this.space = space;
  }

  /// What an image has a place for.
  static Set<Property> places(VhdFile file) {
    Set<Property> places = EnumSet.of(Property.IDENTITY);
    if (!file.footer().sizeByGeometry()) {
      places.add(Property.PHYSICAL_GEOMETRY);
    }
    if (file.footer().hasBlocks()) {
      places.add(Property.PARENT_IDENTITY);
      places.add(Property.PARENT);
    }
    return places;
  }

  /// Makes the change, durable when this returns.
  void apply(Description change) throws IOException {
    change.checkPlaces(places(file), "a " + file.footer().variant() + " VHD image");
    VhdFooter footer = footer(change);
    if (!file.footer().hasBlocks()) {
      VhdFile.Placed old = file.trailing().orElseThrow();
      byte[] bytes = footer.sealed().encode();
      long length = Math.min(bytes.length, storage.size() - old.position());
      storage.write(old.position(), MemorySegment.ofArray(bytes).asSlice(0, length));
      storage.flush();
    } else if (change.parentIdentity().isEmpty() && change.parent().isEmpty()) {
      space.orElseThrow().footer(footer.sealed());
    } else {
      header(footer, change);
    }
  }

  private VhdFooter footer(Description change) {
    VhdFooter footer = file.footer();
    VhdGeometry geometry = change.physical().map(VhdDescriber::geometry).orElse(footer.geometry());
    Bytes identity = change.identity().map(VhdDescriber::uuid).orElse(footer.identity());
    VhdFooter changed = footer.described(identity, geometry, footer.dataOffset(), footer.type());
    if (changed.size() != footer.size()) {
      throw new IllegalArgumentException(
          "the size of this VHD image's disk follows from its geometry, which stays as it is");
    }
    return changed;
  }

  private static Bytes uuid(UUID uuid) {
    if (uuid.equals(Description.NO_UUID)) {
      throw new IllegalArgumentException("a VHD image must have a UUID that is not all zeros");
    }
    return Bytes.mixedEndian(uuid);
  }

  private static VhdGeometry geometry(Geometry geometry) {
    boolean some = geometry.cylinders() > 0 && geometry.heads() > 0 && geometry.sectors() > 0;
    boolean fits =
        geometry.cylinders() <= 0xffff && geometry.heads() <= 16 && geometry.sectors() <= 0xff;
    if (geometry.isNone() || (some && fits)) {
      return new VhdGeometry((int) geometry.cylinders(), geometry.heads(), geometry.sectors());
    }
    throw new IllegalArgumentException(
        "a VHD image's geometry has 1 to 65535 cylinders, 1 to 16 heads and 1 to 255 sectors");
  }

  private void header(VhdFooter footer, Description change) throws IOException {
    VhdSpace room = space.orElseThrow();
    VhdDynamicHeader old = file.blocks();
    Optional<Backing> backing = change.newParent();
    long home = file.footer().dataOffset();
    long gap = home + VhdDynamicHeader.SIZE;
    long names = backing.isPresent() ? parent(backing.get(), change, gap).size() : 0;
    long start = room.takeEnd(names + VhdDynamicHeader.SIZE);
    long copy = start + names;
    // names have their usual place between header and table, or stay behind the blocks
    boolean usual = old.tableOffset() >= gap + names;
    VhdDynamicHeader first = changed(old, change, start);
    VhdDynamicHeader last = changed(old, change, usual ? gap : start);
    long type = last.parentIdentity().isZero() ? VhdFooter.DYNAMIC : VhdFooter.DIFFERENCING;
    put(change, start);
    write(copy, first);
    room.footer(footer.described(footer.identity(), footer.geometry(), copy, type).sealed());
    if (usual) {
      put(change, gap);
    }
    write(home, last);
    room.footer(footer.described(footer.identity(), footer.geometry(), home, type).sealed());
    room.giveBack(usual ? start : copy);
  }

  private void write(long position, VhdDynamicHeader header) throws IOException {
    storage.write(position, MemorySegment.ofArray(VhdDynamicHeader.STRUCT.encode(header)));
    storage.flush();
  }

  /// Writes the names of a new parent.
  private void put(Description change, long position) throws IOException {
    if (change.newParent().isEmpty()) {
      return;
    }
    for (Piece piece : parent(change.newParent().get(), change, position).pieces()) {
      if (piece instanceof Piece.Metadata metadata) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) metadata.length()]);
        metadata.source().fill(0, bytes);
        storage.write(metadata.position(), bytes);
      }
    }
  }

  private VhdParent parent(Backing backing, Description change, long position) throws IOException {
    if (backing.image().isPresent()) {
      return VhdParent.of(backing, position);
    }
    VhdDynamicHeader old = file.blocks();
    Bytes identity = change.parentIdentity().map(Bytes::mixedEndian).orElse(old.parentIdentity());
    if (identity.isZero()) {
      throw VhdParent.unknown(backing);
    }
    return VhdParent.named(backing.name(), identity, old.parentTimestamp(), position);
  }

  private VhdDynamicHeader changed(VhdDynamicHeader old, Description change, long position)
      throws IOException {
    VhdParent parent =
        new VhdParent(
            old.parentIdentity(),
            old.parentTimestamp(),
            old.parentName(),
            old.locators(),
            List.of());
    if (change.newParent().isPresent()) {
      parent = parent(change.newParent().get(), change, position);
    } else if (change.orphans()) {
      parent = VhdParent.NONE;
    }
    return old.with(
            change.parentIdentity().map(Bytes::mixedEndian).orElse(parent.identity()), parent)
        .sealed();
  }
}
