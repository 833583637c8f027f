package dev.platter;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/// A storage as it would be after a write that is not done. Only read.
///
/// @param storage as it is; stays open
/// @param start where the write would start
/// @param bytes what it would write
record Overwritten(Storage storage, long start, MemorySegment bytes) implements Storage {

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
    return Math.max(storage.size(), start + bytes.byteSize());
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    storage.read(position, target);
    long from = Math.max(position, start);
    long to = Math.min(position + target.byteSize(), start + bytes.byteSize());
    if (from < to) {
      MemorySegment.copy(bytes, from - start, target, from - position, to - from);
    }
  }

  @Override
  public Run run(long position, long length) {
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
  public void write(long position, MemorySegment source) {
    throw onlyRead();
  }

  @Override
  public void resize(long size) {
    throw onlyRead();
  }

  @Override
  public void zero(long position, long length) {
    throw onlyRead();
  }

  @Override
  public void punch(long position, long length) {
    throw onlyRead();
  }

  @Override
  public void allocate(long position, long length) {
    throw onlyRead();
  }

  @Override
  public void flush() {
    throw onlyRead();
  }

  private static UnsupportedOperationException onlyRead() {
    return new UnsupportedOperationException("a write that is not done is only looked at");
  }

  @Override
  public void close() {
    // the storage is not ours
  }
}
