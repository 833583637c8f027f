package dev.platter.io;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The same part of each of many records of one length, one part behind the other, as a storage
/// that is only read: the user data of sectors that are stored with their headers. Many records are
/// read at once, so that this costs little more than the whole storage. Closing it leaves the whole
/// open.
///
/// @param whole where the records are
/// @param start the position of the first
/// @param records how many
/// @param shape what is seen of each
public record Strided(Storage whole, long start, long records, Shape shape) implements Storage {
  /// Bytes that are read at once.
  private static final int CHUNK = 256 << 10;

  /// Checks that the numbers make sense; the records may end behind the storage's end.
  public Strided {
    if (shape.size < 1
        || shape.size > CHUNK
        || shape.skip < 0
        || shape.seen < 1
        || shape.seen > shape.size - shape.skip
        || shape.swapped < 0
        || shape.swapped > shape.size
        || start < 0
        || records < 0
        || records > (Long.MAX_VALUE - start) / shape.size) {
      throw new IllegalArgumentException(records + " records at " + start + " of " + shape);
    }
  }

  /// What is seen of a record.
  ///
  /// @param size bytes of the record, at most 256 KiB
  /// @param skip bytes in front of what is seen
  /// @param seen bytes that are seen
  /// @param swapped how many bytes, from the record's first on, are pairs whose bytes are exchanged
  public record Shape(int size, int skip, int seen, int swapped) {}

  @Override
  public String name() {
    return whole.name() + "[" + records + " records from " + start + "]";
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public long size() {
    return records * shape.seen;
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    if (position < 0 || position > size() - target.byteSize()) {
      throw new EOFException(
          name()
              + ": ends at "
              + size()
              + ", needed are "
              + target.byteSize()
              + " bytes at "
              + position);
    }
    long done = 0;
    while (done < target.byteSize()) {
      done += readChunk(position + done, target.asSlice(done));
    }
  }

  /// Reads as many whole records as fit, and copies what is wanted of them.
  private long readChunk(long position, MemorySegment target) throws IOException {
    long first = position / shape.seen;
    long last = (position + target.byteSize() - 1) / shape.seen;
    int count = (int) Math.min(last - first + 1, CHUNK / shape.size);
    MemorySegment chunk = MemorySegment.ofArray(new byte[count * shape.size]);
    whole.read(start + first * shape.size, chunk);
    long from = position % shape.seen;
    long done = 0;
    for (int record = 0; record < count; record++) {
      long at = (long) record * shape.size;
      swap(chunk.asSlice(at, shape.swapped));
      long part = Math.min(shape.seen - from, target.byteSize() - done);
      MemorySegment.copy(chunk, at + shape.skip + from, target, done, part);
      done += part;
      from = 0;
    }
    return done;
  }

  private static void swap(MemorySegment samples) {
    for (long at = 0; at + 1 < samples.byteSize(); at += 2) {
      byte even = samples.get(ValueLayout.JAVA_BYTE, at);
      byte odd = samples.get(ValueLayout.JAVA_BYTE, at + 1);
      samples.set(ValueLayout.JAVA_BYTE, at, odd);
      samples.set(ValueLayout.JAVA_BYTE, at + 1, even);
    }
  }

  private IOException readOnly() {
    return new IOException(name() + ": is only read");
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    throw readOnly();
  }

  @Override
  public void resize(long size) throws IOException {
    throw readOnly();
  }

  @Override
  public void flush() {
    // nothing is ever changed
  }

  @Override
  public void zero(long position, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public void punch(long position, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public Run run(long position, long length) {
    return new Run(Run.Kind.DATA, length);
  }

  @Override
  public long allocated() throws IOException {
    return Math.min(size(), whole.allocated());
  }

  @Override
  public Optional<Path> path() {
    return whole.path();
  }

  @Override
  public Object identity() {
    return List.of(whole.identity(), start, shape);
  }

  @Override
  public void close() {
    // the whole belongs to somebody else
  }
}
