package dev.platter.io;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/// A storage with changes in memory in front of it: what is written stays in memory until it is
/// [#drain]ed, so that a journal can have it first. It is never longer than it was.
///
/// Unlike other storages it is changed by one thread alone, while nobody reads.
public final class Overlay implements Storage {
  /// Bytes in which written changes are kept.
  public static final int SECTOR = 4096;

  private final Storage storage;
  private final long end;
  private final NavigableMap<Long, Piece> pieces = new TreeMap<>();

  /// Bytes that hide the storage's, from a position on.
  ///
  /// @param bytes empty for zeros
  private record Piece(long length, MemorySegment bytes) {
    Piece part(long from, long to) {
      return new Piece(to - from, bytes.byteSize() == 0 ? bytes : bytes.asSlice(from, to - from));
    }
  }

  /// No changes yet.
  ///
  /// @param end the storage seems to be this long at least
  public Overlay(Storage storage, long end) {
    this.storage = storage;
    this.end = end;
  }

  /// A change of bytes.
  public void put(long position, byte[] bytes) {
    insert(position, new Piece(bytes.length, MemorySegment.ofArray(bytes)));
  }

  /// A change to zeros.
  public void clear(long position, long length) {
    insert(position, new Piece(length, MemorySegment.ofArray(new byte[0])));
  }

  private void insert(long position, Piece piece) {
    long behind = position + piece.length;
    var before = pieces.lowerEntry(position);
    if (before != null && before.getKey() + before.getValue().length > position) {
      Piece old = before.getValue();
      pieces.put(before.getKey(), old.part(0, position - before.getKey()));
      if (before.getKey() + old.length > behind) {
        pieces.put(behind, old.part(behind - before.getKey(), old.length));
      }
    }
    var last = pieces.lowerEntry(behind);
    if (last != null && last.getKey() >= position) {
      Piece old = last.getValue();
      if (last.getKey() + old.length > behind) {
        pieces.put(behind, old.part(behind - last.getKey(), old.length));
      }
    }
    pieces.subMap(position, behind).clear();
    pieces.put(position, piece);
  }

  /// Takes all changes, each as it was put, in ascending order of position. There are none of
  /// zeros.
  ///
  /// @param last which positions come behind all others
  public SequencedMap<Long, byte[]> drain(LongPredicate last) {
    SequencedMap<Long, byte[]> drained = new LinkedHashMap<>();
    pieces.keySet().stream()
        .sorted(Comparator.comparing(last::test))
        .forEach(position ->
            drained.put(position, pieces.get(position).bytes.toArray(ValueLayout.JAVA_BYTE)));
    pieces.clear();
    return drained;
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    long length = target.byteSize();
    if (position < 0 || position > size() - length) {
      throw new EOFException(
          name() + ": ends at " + size() + ", needed are " + length + " bytes at " + position);
    }
    long there = Math.clamp(storage.size() - position, 0, length);
    if (there > 0) {
      storage.read(position, target.asSlice(0, there));
    }
    target.asSlice(there).fill((byte) 0);
    var before = pieces.floorEntry(position);
    long first = before == null ? position : before.getKey();
    for (var entry : pieces.subMap(first, position + length).entrySet()) {
      long from = Math.max(entry.getKey(), position);
      long to = Math.min(entry.getKey() + entry.getValue().length, position + length);
      if (from < to) {
        Piece part = entry.getValue().part(from - entry.getKey(), to - entry.getKey());
        MemorySegment into = target.asSlice(from - position, to - from);
        if (part.bytes.byteSize() == 0) {
          into.fill((byte) 0);
        } else {
          into.copyFrom(part.bytes);
        }
      }
    }
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    long behind = position + source.byteSize();
    for (long sector = position & -SECTOR; sector < behind; sector += SECTOR) {
      byte[] bytes = new byte[SECTOR];
      read(sector, MemorySegment.ofArray(bytes));
      long from = Math.max(sector, position);
      long to = Math.min(sector + SECTOR, behind);
      MemorySegment.ofArray(bytes)
          .asSlice(from - sector, to - from)
          .copyFrom(source.asSlice(from - position, to - from));
      put(sector, bytes);
    }
  }

  @Override
  public String name() {
    return storage.name();
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public long size() throws IOException {
    return Math.max(storage.size(), end);
  }

  private IOException fixed() {
    return new IOException(name() + ": only bytes can be changed in front of it");
  }

  @Override
  public void resize(long size) throws IOException {
    throw fixed();
  }

  @Override
  public void flush() throws IOException {
    storage.flush();
  }

  @Override
  public void zero(long position, long length) throws IOException {
    throw fixed();
  }

  @Override
  public void punch(long position, long length) throws IOException {
    throw fixed();
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    throw fixed();
  }

  @Override
  public Run run(long position, long length) throws IOException {
    return new Run(Run.Kind.DATA, length);
  }

  @Override
  public long allocated() throws IOException {
    return storage.allocated();
  }

  @Override
  public Optional<Path> path() {
    return storage.path();
  }

  @Override
  public Object identity() {
    return storage.identity();
  }

  @Override
  public void close() throws IOException {
    storage.close();
  }
}
