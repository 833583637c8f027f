package dev.platter.format.raw;

import dev.platter.image.DeviceType;
import dev.platter.image.Discarding;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.ParentLink;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.image.Resizable;
import dev.platter.image.Zeroing;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// An open raw disk: every byte is stored at its offset.
final class RawImage implements Zeroing, Discarding, Resizable {
  private final Storage storage;
  private final Optional<Floppy> floppy;
  private volatile long size;

  private RawImage(Storage storage, long size, Optional<Floppy> floppy) {
    this.storage = storage;
    this.size = size;
    this.floppy = floppy;
  }

  static RawImage open(Storage storage) throws IOException {
    return new RawImage(storage, storage.size(), Floppy.of(storage));
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void resize(long bytes, long parentEnd) throws IOException {
    storage.flush();
    storage.resize(bytes);
    size = bytes;
    storage.flush();
  }

  @Override
  public int allocationUnit() {
    return 1;
  }

  @Override
  public Mapping map(long offset, long length) {
    return new Mapping.Stored(storage, offset, Math.min(length, size - offset));
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    throw new ReadOnlyException(storage.name(), "a raw disk has no unallocated runs");
  }

  @Override
  public void prepareToWrite() {
    // nothing in a raw disk tells that it was written
  }

  @Override
  public void zero(long offset, long length, Room room) throws IOException {
    if (room == Room.KEEP) {
      storage.zero(offset, length);
    } else {
      storage.punch(offset, length);
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    storage.punch(offset, length);
  }

  @Override
  public Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  public DeviceType device() {
    return floppy.isPresent() ? DeviceType.FLOPPY : DeviceType.HARD_DISK;
  }

  @Override
  public ImageInfo info() {
    var specific = new LinkedHashMap<String, Object>();
    if (floppy.isPresent()) {
      specific.put("floppy", floppy.get().name());
      specific.put("cylinders", floppy.get().geometry().cylinders());
      specific.put("heads", (long) floppy.get().geometry().heads());
      specific.put("sectors", (long) floppy.get().geometry().sectors());
    }
    return new ImageInfo(
        OptionalLong.empty(), false, false, false, false, Optional.empty(), List.of(), specific);
  }

  @Override
  public List<Storage> storages() {
    return List.of(storage);
  }

  @Override
  public boolean sparse() {
    return true;
  }

  @Override
  public void flush() throws IOException {
    storage.flush();
  }

  @Override
  public void close() throws IOException {
    storage.close();
  }

  @Override
  public String toString() {
    return storage.name();
  }
}
