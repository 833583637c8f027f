package dev.platter.io;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// A storage in the heap. Only chunks that have been written to take memory, so that it can hold a
/// sparse file of any size.
public final class MemoryStorage implements Storage {
  private static final int CHUNK = 64 << 10;
  private final String name;
  private final ConcurrentNavigableMap<Long, byte[]> chunks = new ConcurrentSkipListMap<>();
  private volatile long size;

  /// An empty storage.
  public MemoryStorage(String name) {
    this.name = name;
  }

  /// A storage with the given bytes.
  public static MemoryStorage of(String name, byte[] content) {
    var storage = new MemoryStorage(name);
    storage.write(0, MemorySegment.ofArray(content));
    return storage;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long position, MemorySegment target) throws EOFException {
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("read-only memory cannot be read into");
    }
    if (position < 0 || position > size - target.byteSize()) {
      throw new EOFException(
          name
              + ": ends at "
              + size
              + ", needed are bytes up to "
              + (position + target.byteSize()));
    }
    each(
        position,
        target.byteSize(),
        (chunk, from, at, length) -> {
          byte[] bytes = chunks.get(chunk);
          MemorySegment part = target.asSlice(at, length);
          if (bytes == null) {
            part.fill((byte) 0);
          } else {
            MemorySegment.copy(bytes, from, part, ValueLayout.JAVA_BYTE, 0, length);
          }
        });
  }

  @Override
  public void write(long position, MemorySegment source) {
    Objects.checkFromIndexSize(position, source.byteSize(), Long.MAX_VALUE);
    each(
        position,
        source.byteSize(),
        (chunk, from, at, length) -> {
          byte[] bytes = chunks.computeIfAbsent(chunk, _ -> new byte[CHUNK]);
          MemorySegment.copy(source, ValueLayout.JAVA_BYTE, at, bytes, from, length);
        });
    grow(position + source.byteSize());
  }

  private synchronized void grow(long end) {
    size = Math.max(size, end);
  }

  @Override
  public synchronized void resize(long newSize) {
    Objects.checkIndex(newSize, Long.MAX_VALUE);
    if (newSize < size) {
      long end = size;
      clear(newSize, end - newSize);
    }
    size = newSize;
  }

  @Override
  public void flush() {
    // memory has nothing more durable than itself
  }

  @Override
  public void zero(long position, long length) {
    Objects.checkFromIndexSize(position, length, Long.MAX_VALUE);
    clear(position, Math.min(length, size - position));
  }

  @Override
  public void punch(long position, long length) {
    zero(position, length);
  }

  @Override
  public void allocate(long position, long length) {
    Objects.checkFromIndexSize(position, length, Long.MAX_VALUE);
    if (length > 0) {
      grow(position + length);
    }
  }

  private void clear(long position, long length) {
    if (length <= 0) {
      return;
    }
    long last = (position + length - 1) / CHUNK;
    chunks
        .subMap(position / CHUNK, true, last, true)
        .forEach((chunk, bytes) -> {
          long start = Math.max(position - chunk * CHUNK, 0);
          long end = Math.min(position + length - chunk * CHUNK, CHUNK);
          if (start == 0 && end == CHUNK) {
            chunks.remove(chunk);
          } else {
            Arrays.fill(bytes, (int) start, (int) end, (byte) 0);
          }
        });
  }

  @Override
  public Run run(long position, long length) {
    Objects.checkFromIndexSize(position, length, size);
    long first = position / CHUNK;
    Long data = chunks.ceilingKey(first);
    if (data == null || data > first) {
      long hole = data == null ? length : data * CHUNK - position;
      return new Run(Run.Kind.HOLE, Math.min(hole, length));
    }
    long end = (first + 1) * CHUNK;
    while (end < position + length && chunks.containsKey(end / CHUNK)) {
      end += CHUNK;
    }
    return new Run(Run.Kind.DATA, Math.min(end - position, length));
  }

  @Override
  public long allocated() {
    return (long) chunks.size() * CHUNK;
  }

  @Override
  public Optional<Path> path() {
    return Optional.empty();
  }

  @Override
  public Object identity() {
    return this;
  }

  @Override
  public void close() {
    // the bytes stay: a test opens the same memory again
  }

  /// The whole content, if it is small enough for an array.
  public byte[] toArray() throws IOException {
    byte[] all = new byte[Math.toIntExact(size)];
    read(0, MemorySegment.ofArray(all));
    return all;
  }

  @FunctionalInterface
  private interface Part {
    void apply(long chunk, int from, long at, int length);
  }

  private static void each(long position, long length, Part part) {
    long at = 0;
    while (at < length) {
      int from = (int) ((position + at) % CHUNK);
      int step = (int) Math.min(CHUNK - from, length - at);
      part.apply((position + at) / CHUNK, from, at, step);
      at += step;
    }
  }
}
