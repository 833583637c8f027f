package dev.platter.format.vmdk;

import dev.platter.image.Mapping;
import dev.platter.image.Zeroing.Room;
import dev.platter.io.Storage;
import java.io.IOException;

/// An extent with every byte at its place in a file.
///
/// @param start where in the file the extent starts
record FlatExtent(Storage storage, long start) implements VmdkExtent {
  @Override
  public Mapping map(long offset, long length) {
    return new Mapping.Stored(storage, start + offset, length);
  }

  @Override
  public String whyReadOnly() {
    return "is opened read-only";
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    if (room == Room.KEEP) {
      storage.zero(start + offset, length);
    } else {
      storage.punch(start + offset, length);
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    zero(offset, length, Room.RELEASE);
  }

  @Override
  public void prepareToWrite() {
    // a flat file needs no mark
  }

  @Override
  public void flush() throws IOException {
    storage.flush();
  }

  @Override
  public boolean sparse() {
    return true;
  }
}
