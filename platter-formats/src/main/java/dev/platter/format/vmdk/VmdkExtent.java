package dev.platter.format.vmdk;

import dev.platter.image.Mapping;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.image.Zeroing.Room;
import dev.platter.io.MemoryStorage;
import dev.platter.io.Storage;
import java.io.IOException;

/// A part of the disk that is kept in one way. Offsets are counted from the extent's start. What
/// changes an extent fails for one that is only read.
sealed interface VmdkExtent
    permits SparseExtent,
        ScannedExtent,
        SeSparseExtent,
        FlatExtent,
        ZeroExtent,
        LateExtent,
        LostExtent {
  /// The longest run of one kind; it ends with the extent at the latest.
  Mapping map(long offset, long length) throws IOException;

  /// Why it cannot be written, a clause.
  String whyReadOnly();

  /// Its file; an empty one if it has none.
  default Storage storage() {
    return new MemoryStorage("no file");
  }

  /// The refusal of a change.
  default ReadOnlyException refusal() {
    return new ReadOnlyException(storage().name(), whyReadOnly());
  }

  /// Room for grains; offsets in it are the extent's.
  default Reservation reserve(long offset, long length) throws IOException {
    throw refusal();
  }

  /// Makes a run read as zeros and hide the parent; whole grains where there is a parent.
  default void zero(long offset, long length, Room room) throws IOException {
    throw refusal();
  }

  /// Makes whole grains unallocated.
  default void discard(long offset, long length) throws IOException {
    throw refusal();
  }

  /// Called before the first change: marks and leftovers of a crash.
  default void prepareToWrite() throws IOException {
    throw refusal();
  }

  /// Makes everything durable.
  default void flush() throws IOException {
    // what is only read has nothing to write
  }

  /// Takes back the mark of an image that is being written, everything being durable.
  default void finish() throws IOException {
    // only extents that allocate have a mark
  }

  /// Gives back what is held besides the file.
  default void release() {
    // most hold nothing
  }

  /// Bytes of the smallest run that can be allocated alone.
  default int allocationUnit() {
    return 1;
  }

  /// The extent itself, where this one is opened when it is used.
  default VmdkExtent opened() throws IOException {
    return this;
  }

  /// Whether grains are compressed.
  default boolean compressed() {
    return false;
  }

  /// Whether what is stored may be a hole.
  default boolean sparse() {
    return false;
  }
}
