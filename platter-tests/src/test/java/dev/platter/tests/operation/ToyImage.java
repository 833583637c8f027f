package dev.platter.tests.operation;

import dev.platter.image.Image;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.ParentLink;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// An image of [ToyFormat], to be read.
final class ToyImage implements Image {
  private static final int BLOCK = ToyFormat.BLOCK;
  private final Storage storage;
  private final long size;

  ToyImage(Storage storage) throws IOException {
    this.storage = storage;
    this.size = number(0);
  }

  private long number(long position) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[8]);
    storage.read(position, bytes);
    return bytes.get(ToyFormat.LONG, 0);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int allocationUnit() {
    return BLOCK;
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    long entry = number(8 + offset / BLOCK * 8);
    int skip = (int) (offset % BLOCK);
    long run = Math.min(Math.min(BLOCK - skip, length), size - offset);
    if (entry == 0) {
      return new Mapping.Unallocated(run);
    }
    if (entry == ToyFormat.ZERO) {
      return new Mapping.Zero(run);
    }
    int encoded = (int) entry & 0xfffff;
    return encoded == 0
        ? new Mapping.Stored(storage, (entry >>> 20) + skip, run)
        : new Mapping.Encoded(
            run,
            skip,
            new Mapping.EncodedUnit(
                storage,
                entry >>> 20,
                encoded,
                BLOCK,
                (stored, unit) -> unit.fill(stored.get(ValueLayout.JAVA_BYTE, 0))));
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    throw new ReadOnlyException(storage.name(), "is a toy");
  }

  @Override
  public void prepareToWrite() throws IOException {
    throw new ReadOnlyException(storage.name(), "is a toy");
  }

  @Override
  public Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  public ImageInfo info() {
    return new ImageInfo(
        OptionalLong.of(BLOCK),
        false,
        false,
        false,
        false,
        Optional.empty(),
        List.of(),
        new LinkedHashMap<>());
  }

  @Override
  public List<Storage> storages() {
    return List.of(storage);
  }

  @Override
  public boolean sparse() {
    return false;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
