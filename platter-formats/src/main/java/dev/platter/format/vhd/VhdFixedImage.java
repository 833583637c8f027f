package dev.platter.format.vhd;

import dev.platter.image.Mapping;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Repairable;
import dev.platter.image.Reservation;
import dev.platter.image.Zeroing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// An open fixed image: the bytes of the disk, then a footer.
final class VhdFixedImage implements VhdImage, Zeroing, Repairable {
  private volatile VhdFile file;

  VhdFixedImage(VhdFile file) {
    this.file = file;
  }

  @Override
  public VhdFile file() {
    return file;
  }

  @Override
  public void changed(VhdFile now) {
    file = now;
  }

  @Override
  public Optional<VhdSpace> space() {
    return Optional.empty();
  }

  @Override
  public int allocationUnit() {
    return 1;
  }

  @Override
  public Mapping map(long offset, long length) {
    return new Mapping.Stored(file.storage(), offset, Math.min(length, size() - offset));
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    throw new ReadOnlyException(file.storage().name(), "a fixed disk has no unallocated runs");
  }

  @Override
  public void prepareToWrite() {
    // nothing in a fixed image tells that it was written
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    Storage storage = file.storage();
    switch (room) {
      case KEEP -> storage.zero(offset, length);
      case RELEASE -> storage.punch(offset, length);
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    file.storage().punch(offset, length);
  }

  @Override
  public boolean sparse() {
    return true;
  }

  @Override
  public List<Repair> repair(Scope scope) throws IOException {
    return new VhdRepair(file).repair(scope);
  }

  @Override
  public void dumpBlocks(Dump sink) {
    // there are none
  }

  @Override
  public void flush() throws IOException {
    file.storage().flush();
  }

  @Override
  public void close() throws IOException {
    file.storage().close();
  }

  @Override
  public String toString() {
    return file.storage().name();
  }
}
