package dev.platter.testkit;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/// A storage around a storage, that changes what it overrides and passes on the rest.
public interface ForwardingStorage extends Storage {

  /// The storage inside.
  Storage inner();

  @Override
  default String name() {
    return inner().name();
  }

  @Override
  default boolean writable() {
    return inner().writable();
  }

  @Override
  default long size() throws IOException {
    return inner().size();
  }

  @Override
  default void read(long position, MemorySegment target) throws IOException {
    inner().read(position, target);
  }

  @Override
  default void write(long position, MemorySegment source) throws IOException {
    inner().write(position, source);
  }

  @Override
  default void resize(long size) throws IOException {
    inner().resize(size);
  }

  @Override
  default void flush() throws IOException {
    inner().flush();
  }

  @Override
  default void zero(long position, long length) throws IOException {
    inner().zero(position, length);
  }

  @Override
  default void punch(long position, long length) throws IOException {
    inner().punch(position, length);
  }

  @Override
  default void allocate(long position, long length) throws IOException {
    inner().allocate(position, length);
  }

  @Override
  default Run run(long position, long length) throws IOException {
    return inner().run(position, length);
  }

  @Override
  default long allocated() throws IOException {
    return inner().allocated();
  }

  @Override
  default Optional<Path> path() {
    return inner().path();
  }

  @Override
  default Object identity() {
    return inner().identity();
  }

  @Override
  default void close() throws IOException {
    inner().close();
  }
}
