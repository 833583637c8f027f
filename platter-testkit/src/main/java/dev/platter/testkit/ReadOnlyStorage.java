package dev.platter.testkit;

import dev.platter.image.ReadOnlyException;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A storage that refuses every change.
///
/// @param inner the storage inside
public record ReadOnlyStorage(Storage inner) implements ForwardingStorage {

  private IOException refused() {
    return new ReadOnlyException(name(), "is opened read-only");
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public void write(long position, MemorySegment source) throws IOException {
    throw refused();
  }

  @Override
  public void resize(long size) throws IOException {
    throw refused();
  }

  @Override
  public void zero(long position, long length) throws IOException {
    throw refused();
  }

  @Override
  public void punch(long position, long length) throws IOException {
    throw refused();
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    throw refused();
  }
}
