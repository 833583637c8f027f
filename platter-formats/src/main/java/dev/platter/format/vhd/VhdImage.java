package dev.platter.format.vhd;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Describable;
import dev.platter.image.Description;
import dev.platter.image.Discarding;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.HasGeometry;
import dev.platter.image.Identified;
import dev.platter.image.ImageInfo;
import dev.platter.image.ParentLink;
import dev.platter.image.Property;
import dev.platter.image.ReadOnlyException;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/// An open image: what is the same for all three kinds.
sealed interface VhdImage
    extends Discarding, Identified, HasGeometry, Describable, Claiming, Dumpable
    permits VhdFixedImage, VhdSparseImage {

  /// The structures it was opened with.
  VhdFile file();

  /// Where its blocks and footers go, if it has blocks.
  Optional<VhdSpace> space();

  /// Its structures were changed.
  void changed(VhdFile file) throws IOException;

  /// Describes its blocks, if it has any.
  void dumpBlocks(Dump sink) throws IOException;

  @Override
  default long size() {
    return file().footer().size();
  }

  @Override
  default UUID identity() {
    return file().footer().uuid();
  }

  /// The format has no place for one.
  @Override
  default Optional<UUID> modification() {
    return Optional.empty();
  }

  @Override
  default Optional<Geometry> physical() {
    VhdGeometry geometry = file().footer().geometry();
    return geometry.total() == 0 ? Optional.empty() : Optional.of(geometry.toGeometry());
  }

  @Override
  default Set<Property> places() {
    return VhdDescriber.places(file());
  }

  @Override
  default void describe(Description change) throws IOException {
    if (!file().context().access().writes()) {
      throw new ReadOnlyException(file().storage().name(), "is opened read-only");
    }
    new VhdDescriber(file(), space()).apply(change);
    changed(VhdFile.open(file().storage(), file().context()));
  }

  @Override
  default Optional<Geometry> logical() {
    return Optional.empty();
  }

  @Override
  default Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  default List<Storage> storages() {
    return List.of(file().storage());
  }

  @Override
  default ImageInfo info() throws IOException {
    return VhdInfo.of(file());
  }

  @Override
  default int claimUnit() {
    return VhdFooter.SECTOR;
  }

  @Override
  default void claims(Consumer<Claim> sink) throws IOException {
    new VhdCheck(file().again()).claims(sink);
  }

  @Override
  default void findings(Consumer<Finding> sink) throws IOException {
    new VhdCheck(file().again()).findings(sink);
  }

  @Override
  default void dump(Dump sink) throws IOException {
    VhdDump.structures(file(), sink);
    dumpBlocks(sink);
  }
}
