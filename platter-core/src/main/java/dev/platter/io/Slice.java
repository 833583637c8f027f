package dev.platter.io;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/// A part of a storage as a storage of its own: a partition, an extent, a file inside an archive.
/// Its size is fixed; closing it leaves the whole open.
///
/// @param whole what it is a part of
/// @param start where it starts there
/// @param size bytes
public record Slice(Storage whole, long start, long size) implements Storage {

  /// Checks that the numbers make sense; the slice may end behind the storage's end.
  public Slice {
    Objects.checkFromIndexSize(start, size, Long.MAX_VALUE);
  }

  @Override
  public String name() {
    return whole.name() + "[" + start + "+" + size + "]";
  }

  @Override
  public boolean writable() {
    return whole.writable();
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    if (position < 0 || position > size - target.byteSize()) {
      throw new EOFException(
          name()
              + ": ends at "
              + size
              + ", needed are "
              + target.byteSize()
              + " bytes at "
              + Long.toUnsignedString(position));
    }
    whole.read(start + position, target);
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    Objects.checkFromIndexSize(position, source.byteSize(), size);
    whole.write(start + position, source);
  }

  @Override
  public void resize(long newSize) throws IOException {
    throw new IOException(name() + ": a part of a storage keeps its size");
  }

  @Override
  public void flush() throws IOException {
    whole.flush();
  }

  @Override
  public void zero(long position, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, size);
    whole.zero(start + position, length);
  }

  @Override
  public void punch(long position, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, size);
    whole.punch(start + position, length);
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, size);
    whole.allocate(start + position, length);
  }

  @Override
  public Run run(long position, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, size);
    return whole.run(start + position, length);
  }

  @Override
  public long copyTo(long position, Storage target, long at, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, size);
    return whole.copyTo(start + position, target, at, length);
  }

  @Override
  public long allocated() throws IOException {
    return Math.min(size, whole.allocated());
  }

  @Override
  public Optional<Path> path() {
    return whole.path();
  }

  @Override
  public Object identity() {
    return java.util.List.of(whole.identity(), start, size);
  }

  @Override
  public void close() {
    // the whole belongs to somebody else
  }
}
