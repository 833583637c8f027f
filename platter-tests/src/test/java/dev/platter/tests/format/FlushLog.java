package dev.platter.tests.format;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A storage that remembers in which order it was changed and flushed.
final class FlushLog implements Storage {
  private final Storage storage;
  private final Runnable closed;
  private final List<String> calls = new ArrayList<>();

  FlushLog(Storage storage) {
    this(storage, () -> {});
  }

  /// @param closed what to do when it is closed
  FlushLog(Storage storage, Runnable closed) {
    this.storage = storage;
    this.closed = closed;
  }

  void clear() {
    calls.clear();
  }

  String firstTwo() {
    return calls.get(0) + ", " + calls.get(1);
  }

  @Override
  public String toString() {
    return calls.toString();
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
    return storage.size();
  }

  @Override
  public void read(long position, MemorySegment target) throws IOException {
    storage.read(position, target);
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    calls.add("write " + position + "+" + source.byteSize());
    storage.write(position, source);
  }

  @Override
  public void resize(long size) throws IOException {
    calls.add("resize " + size);
    storage.resize(size);
  }

  @Override
  public void flush() throws IOException {
    calls.add("flush");
    storage.flush();
  }

  @Override
  public void zero(long position, long length) throws IOException {
    calls.add("zero " + position + "+" + length);
    storage.zero(position, length);
  }

  @Override
  public void punch(long position, long length) throws IOException {
    calls.add("punch " + position + "+" + length);
    storage.punch(position, length);
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    storage.allocate(position, length);
  }

  @Override
  public Run run(long position, long length) throws IOException {
    return storage.run(position, length);
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
    closed.run();
    storage.close();
  }
}
