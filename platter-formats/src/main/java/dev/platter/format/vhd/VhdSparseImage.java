package dev.platter.format.vhd;

import dev.platter.image.Mapping;
import dev.platter.image.Repairable;
import dev.platter.image.Reservation;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// An open image with blocks: what is the same for those with a parent and those without.
sealed interface VhdSparseImage extends VhdImage, Repairable
    permits VhdDynamicImage, VhdDifferencingImage {

  /// Its blocks.
  VhdBlocks blocks();

  @Override
  default Optional<VhdSpace> space() {
    return Optional.of(blocks().space());
  }

  @Override
  default int allocationUnit() {
    return VhdFooter.SECTOR;
  }

  @Override
  default Mapping map(long offset, long length) throws IOException {
    return blocks().map(offset, length);
  }

  @Override
  default Reservation reserve(long offset, long length) throws IOException {
    return blocks().reserve(offset, length);
  }

  @Override
  default void prepareToWrite() throws IOException {
    blocks().prepare();
  }

  @Override
  default boolean sparse() {
    return false;
  }

  @Override
  default List<Repair> repair(Scope scope) throws IOException {
    return new VhdRepair(file()).repair(scope);
  }

  @Override
  default void dumpBlocks(Dump sink) throws IOException {
    VhdDump.blocks(file(), blocks().tables(), sink);
  }

  @Override
  default void flush() throws IOException {
    blocks().flush();
  }

  @Override
  default void close() throws IOException {
    try {
      blocks().finish();
    } finally {
      file().storage().close();
    }
  }
}
