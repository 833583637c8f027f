package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.image.Mapping;
import dev.platter.image.Reservation;
import dev.platter.image.Zeroing.Room;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.Optional;

/// An extent that is opened when it is used first, one of very many. Until something is allocated
/// in it, it is not marked as open for writing.
final class LateExtent implements VmdkExtent {
  private final Storage storage;
  private final int unit;
  private final Opening opening;
  private volatile Optional<VmdkExtent> opened = Optional.empty();
  private boolean prepared;

  /// Opens the extent.
  @FunctionalInterface
  interface Opening {
    VmdkExtent open() throws IOException;
  }

  /// @param storage its file, not open yet
  /// @param unit what the image says that its allocation unit is
  LateExtent(Storage storage, int unit, Opening opening) {
    this.storage = storage;
    this.unit = unit;
    this.opening = opening;
  }

  @Override
  public VmdkExtent opened() throws IOException {
    Optional<VmdkExtent> present = opened;
    return present.isPresent() ? present.get() : open();
  }

  private synchronized VmdkExtent open() throws IOException {
    if (opened.isEmpty()) {
      opened = Optional.of(opening.open());
    }
    return opened.get();
  }

  private VmdkExtent prepared() throws IOException {
    VmdkExtent extent = opened();
    if (!prepared) {
      if (extent.allocationUnit() > unit) {
        throw new ImageException.Unsupported(
            storage.name(),
            "has grains of "
                + extent.allocationUnit()
                + " bytes, and others of the image have "
                + unit
                + ": it can only be read");
      }
      extent.prepareToWrite();
      prepared = true;
    }
    return extent;
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    return opened().map(offset, length);
  }

  @Override
  public String whyReadOnly() {
    return opened.map(VmdkExtent::whyReadOnly).orElse("is opened read-only");
  }

  @Override
  public Storage storage() {
    return storage;
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    return prepared().reserve(offset, length);
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    prepared().zero(offset, length, room);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    prepared().discard(offset, length);
  }

  @Override
  public void prepareToWrite() {
    // when it is used first
  }

  @Override
  public void flush() throws IOException {
    if (opened.isPresent()) {
      opened.get().flush();
    }
  }

  @Override
  public void finish() throws IOException {
    if (prepared) {
      opened().finish();
    }
  }

  @Override
  public void release() {
    opened.ifPresent(VmdkExtent::release);
  }

  @Override
  public int allocationUnit() {
    return unit;
  }

  @Override
  public boolean sparse() {
    return opened.map(VmdkExtent::sparse).orElse(true);
  }
}
