package dev.platter.image;

import dev.platter.io.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// One open image: one layer of a chain. It says where guest bytes are and finds room for new ones;
/// it never moves them. What else an image can do it shows by implementing interfaces of this
/// package such as [Zeroing] or [Claiming].
///
/// Many threads may call [#map] at once; every other call is made by one thread alone, while no
/// other call is under way.
public interface Image extends AutoCloseable {

  /// Bytes of the disk.
  long size();

  /// Bytes of the smallest run that can be allocated alone; a power of two, 1 where places are not
  /// allocated at all.
  int allocationUnit();

  /// The longest run from `offset` on, at most `length`, that is of one kind and, where it is
  /// stored, in one piece.
  ///
  /// @param offset below `size`
  /// @param length at least 1; the run ends at `size` at the latest
  Mapping map(long offset, long length) throws IOException;

  /// Finds room for the units that the run touches, or for the first of them: for any run that does
  /// not map to [Mapping.Stored]. The reservation contains `offset`.
  ///
  /// @throws ReadOnlyException if the image, or this kind of image, cannot be written
  Reservation reserve(long offset, long length) throws IOException;

  /// Called once before the first change of any kind after opening, in-place writes too: the moment
  /// for a new modification identity or a dirty mark, which are durable when this returns.
  void prepareToWrite() throws IOException;

  /// The parent that the image names, if it has one.
  Optional<ParentLink> parent();

  /// The kind of drive that the disk belongs into.
  default DeviceType device() {
    return DeviceType.HARD_DISK;
  }

  /// What there is to say about the image.
  ImageInfo info() throws IOException;

  /// The storages that hold the image, the one it was opened from first.
  List<Storage> storages();

  /// The storage that guest bytes are in, where [Mapping.Zero] keeps room: the first one unless the
  /// format keeps data apart.
  default Storage dataStorage() {
    return storages().getFirst();
  }

  /// Whether runs that map to [Mapping.Stored] may be holes of their storage, so that asking the
  /// storage is worth its time: true for raw and preallocated images.
  boolean sparse() throws IOException;

  /// Makes everything published and every in-place write before the call durable, in an order that
  /// leaves the image readable and nothing but leaks behind if it is cut short.
  void flush() throws IOException;

  /// Writes what is still to be written, without making it durable unless the image was changed,
  /// takes back marks such as "dirty", and closes the storages.
  @Override
  void close() throws IOException;

  /// Closes the storages without writing anything, after a failure that leaves it unknown what of
  /// the metadata is on disk: writing more could make things look better than they are.
  default void abandon() throws IOException {
    IOException first = null;
    for (Storage storage : storages()) {
      try {
        storage.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
