package dev.platter.io;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.StampedLock;

/// A storage from some position on, seen through a [Transform]: what is read is decoded, what is
/// written is encoded. It ends where its last whole unit ends.
///
/// Units that are written in part are read, changed and written while nobody else is at work;
/// everything else runs side by side. A range that was never written does not read as zeros, nor
/// does a hole: there are no bytes whose decoding is known before it is done. Closing leaves the
/// storage open.
public final class TransformedStorage implements Storage {
  private static final int PIECE = 256 << 10;
  private static final int LARGEST_UNIT = 64 << 10;

  private final Storage storage;
  private final long start;
  private final Transform transform;
  private final int unit;
  private final StampedLock lock = new StampedLock();

  /// A view of a storage.
  ///
  /// @param storage what has the encoded bytes; stays open
  /// @param start where position 0 of the view and of the transform is
  /// @param transform with units of at most 64 KiB
  public TransformedStorage(Storage storage, long start, Transform transform) {
    this.storage = storage;
    this.start = start;
    this.transform = transform;
    this.unit = transform.unit();
    if (Integer.bitCount(unit) != 1 || unit > LARGEST_UNIT) {
      throw new IllegalArgumentException("units of " + unit + " bytes");
    }
  }

  @Override
  public String name() {
    return storage.name();
  }

  @Override
  public boolean writable() {
    return storage.writable();
  }

  @Override
  public long size() throws IOException {
    return Math.max(storage.size() - start, 0) & -unit;
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    long stamp = lock.readLock();
    try {
      readUnlocked(position, target);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  private void readUnlocked(long position, MemorySegment target) throws IOException {
    long length = target.byteSize();
    if (position < 0 || position > Long.MAX_VALUE - start - length - unit) {
      throw new EOFException(name() + ": no bytes at " + Long.toUnsignedString(position));
    }
    long end = position + length;
    long from = position;
    if (length > 0 && from % unit != 0) {
      from = readPart(from, Math.min(end, (from & -unit) + unit), target, position);
    }
    long whole = end & -unit;
    if (from < whole) {
      MemorySegment units = target.asSlice(from - position, whole - from);
      storage.read(start + from, units);
      transform.decode(from, units, units);
      from = whole;
    }
    if (from < end) {
      readPart(from, end, target, position);
    }
  }

  /// Reads a part of one unit.
  private long readPart(long from, long to, MemorySegment target, long position)
      throws IOException {
    MemorySegment bytes = readUnit(from & -unit);
    MemorySegment.copy(bytes, from & (unit - 1), target, from - position, to - from);
    return to;
  }

  private MemorySegment readUnit(long position) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[unit]);
    storage.read(start + position, bytes);
    transform.decode(position, bytes, bytes);
    return bytes;
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    Objects.checkFromIndexSize(position, source.byteSize(), Long.MAX_VALUE - start - unit);
    long end = position + source.byteSize();
    if ((position | end) % unit == 0) {
      long stamp = lock.readLock();
      try {
        writeUnits(position, source);
      } finally {
        lock.unlockRead(stamp);
      }
      return;
    }
    long stamp = lock.writeLock();
    try {
      long from = position;
      if (from % unit != 0) {
        from = writePart(from, Math.min(end, (from & -unit) + unit), source, position);
      }
      long whole = end & -unit;
      if (from < whole) {
        writeUnits(from, source.asSlice(from - position, whole - from));
        from = whole;
      }
      if (from < end) {
        writePart(from, end, source, position);
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /// Writes a part of one unit; what the unit has besides is kept.
  private long writePart(long from, long to, MemorySegment source, long position)
      throws IOException {
    long at = from & -unit;
    MemorySegment bytes = at < size() ? readUnit(at) : MemorySegment.ofArray(new byte[unit]);
    MemorySegment.copy(source, from - position, bytes, from - at, to - from);
    transform.encode(at, bytes, bytes);
    storage.write(start + at, bytes);
    return to;
  }

  /// The caller's bytes stay as they are, so they are encoded into others.
  private void writeUnits(long position, MemorySegment source) throws IOException {
    long length = source.byteSize();
    try (Bounce bounce = Bounce.take()) {
      for (long done = 0; done < length; ) {
        MemorySegment part = bounce.part(length - done);
        transform.encode(position + done, source.asSlice(done, part.byteSize()), part);
        storage.write(start + position + done, part);
        done += part.byteSize();
      }
    }
  }

  @Override
  public void resize(long size) throws IOException {
    storage.resize(Math.addExact(start, size));
  }

  @Override
  public void flush() throws IOException {
    storage.flush();
  }

  /// Writes zeros: a hole would be something else.
  @Override
  public void zero(long position, long length) throws IOException {
    Objects.checkFromIndexSize(position, length, Long.MAX_VALUE);
    long end = Math.min(position + length, size());
    MemorySegment zeros = MemorySegment.ofArray(new byte[Math.clamp(end - position, 0, PIECE)]);
    for (long at = position; at < end; ) {
      // up to a border of units, so that only the edges are read before they are written
      long step = Math.min(end - at, zeros.byteSize());
      if (at + step < end && step >= unit) {
        step = ((at + step) & -unit) - at;
      }
      write(at, zeros.asSlice(0, step));
      at += step;
    }
  }

  @Override
  public void punch(long position, long length) throws IOException {
    zero(position, length);
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    storage.allocate(Math.addExact(start, position), length);
  }

  @Override
  public Run run(long position, long length) {
    return new Run(Run.Kind.DATA, length);
  }

  @Override
  public long allocated() throws IOException {
    return Math.min(size(), storage.allocated());
  }

  @Override
  public Optional<Path> path() {
    return storage.path();
  }

  @Override
  public Object identity() {
    return List.of(storage.identity(), start, transform);
  }

  @Override
  public void close() {
    // the storage belongs to somebody else
  }
}
