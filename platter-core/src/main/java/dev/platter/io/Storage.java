package dev.platter.io;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// Random-access bytes that an image is kept in: a file, memory, a part of either, a remote disk.
///
/// Positions and lengths are in bytes. There is no cursor, and every method may be called by many
/// threads at once; writes that overlap leave the bytes of one or the other. Bytes below `size`
/// that were never written read as zeros.
public interface Storage extends AutoCloseable {

  /// What a message calls this storage, usually the path that the user gave.
  String name();

  /// Whether [#write], [#resize] and the hints that change bytes are allowed.
  boolean writable();

  /// The position behind the last byte.
  long size() throws IOException;

  /// Fills `target` with the bytes from `position` on.
  ///
  /// @throws EOFException if the storage ends before `target` is full
  void read(long position, MemorySegment target) throws IOException;

  /// Writes all of `source` at `position`; a storage that ends before is made larger, with zeros
  /// between its old end and `position`.
  void write(long position, MemorySegment source) throws IOException;

  /// Cuts the storage, or makes it larger with zeros.
  void resize(long size) throws IOException;

  /// Returns when everything written before the call survives a crash of the machine.
  void flush() throws IOException;

  /// Makes the part of a range that is below `size` read as zeros, keeping its room if the storage
  /// can.
  void zero(long position, long length) throws IOException;

  /// Makes the part of a range that is below `size` read as zeros, and gives its room back if the
  /// storage can.
  void punch(long position, long length) throws IOException;

  /// Makes sure that later writes to the range do not fail for want of room, as far as the storage
  /// can; extends the storage to the end of the range. Bytes do not change.
  void allocate(long position, long length) throws IOException;

  /// The longest run from `position` on, at most `length`, that is of one kind. A storage that does
  /// not know its holes answers that all is data.
  Run run(long position, long length) throws IOException;

  /// Copies bytes to `target` without bringing them into this process; both hold the same bytes
  /// afterwards. Returns how many were copied, which may be fewer than asked for, 0 if this pair of
  /// storages cannot.
  default long copyTo(long position, Storage target, long at, long length) throws IOException {
    return 0;
  }

  /// Bytes of its medium that the storage takes, holes not counted; at most a little more than
  /// `size`.
  long allocated() throws IOException;

  /// The file that the bytes are in, where there is one: names inside an image are looked up beside
  /// it.
  default Optional<Path> path() {
    return Optional.empty();
  }

  /// When the file was changed last, where there is one.
  default Optional<Instant> modified() throws IOException {
    Optional<Path> file = path();
    return file.isPresent()
        ? Optional.of(Files.getLastModifiedTime(file.get()).toInstant())
        : Optional.empty();
  }

  /// Equal for two storages that are the same file or object, however they were opened.
  Object identity();

  /// Waits for calls of other threads that use a resource of the system, and gives it back; calls
  /// that come later fail. Closing again does nothing.
  @Override
  void close() throws IOException;

  /// A run of a storage.
  ///
  /// @param kind whether the bytes take room
  /// @param length bytes, at least 1
  record Run(Kind kind, long length) {
    /// Data may be zeros too; a hole is.
    public enum Kind {
      /// Takes room.
      DATA,
      /// Takes no room and reads as zeros.
      HOLE
    }
  }
}
