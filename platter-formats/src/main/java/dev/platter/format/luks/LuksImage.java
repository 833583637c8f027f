package dev.platter.format.luks;

import dev.platter.format.crypto.KeyContainer;
import dev.platter.format.crypto.SectorCipher;
import dev.platter.image.ImageException;
import dev.platter.image.ImageInfo;
import dev.platter.image.Keyed;
import dev.platter.image.Mapping;
import dev.platter.image.ParentLink;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.image.Secret;
import dev.platter.io.Storage;
import dev.platter.io.TransformedStorage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// An open container: every byte is stored at its offset behind the header, encrypted.
final class LuksImage implements Keyed {
  private final Storage storage;
  private final KeyContainer container;
  private final long size;
  private final Optional<Open> open;

  /// What there is when a secret was given.
  private record Open(KeyContainer.Unlocked key, SectorCipher cipher, Storage payload) {}

  /// An image that is described only.
  LuksImage(Storage storage, KeyContainer container, long size) {
    this.storage = storage;
    this.container = container;
    this.size = size;
    this.open = Optional.empty();
  }

  /// An image whose key was found.
  LuksImage(Storage storage, KeyContainer container, long size, KeyContainer.Unlocked key)
      throws IOException {
    this.storage = storage;
    this.container = container;
    this.size = size;
    SectorCipher cipher = container.cipher(key.key());
    var payload = new TransformedStorage(storage, container.payload(), cipher);
    this.open = Optional.of(new Open(key, cipher, payload));
  }

  private Open opened() throws ImageException {
    return open.orElseThrow(() ->
        new ImageException.Locked(storage.name(), "is encrypted and was opened without its key"));
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int allocationUnit() {
    return 1;
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    return new Mapping.Stored(opened().payload, offset, Math.min(length, size - offset));
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    throw new ReadOnlyException(storage.name(), "a LUKS container has no unallocated runs");
  }

  @Override
  public void prepareToWrite() {
    // nothing in a container tells that it was written
  }

  @Override
  public Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  public ImageInfo info() {
    return new ImageInfo(
        OptionalLong.empty(),
        false,
        false,
        true,
        false,
        Optional.empty(),
        List.of(),
        container.describe());
  }

  @Override
  public List<Storage> storages() {
    return List.of(storage);
  }

  @Override
  public boolean sparse() {
    // a hole of the file is noise on the disk
    return false;
  }

  @Override
  public List<KeySlot> keySlots() {
    return container.slots();
  }

  @Override
  public OptionalInt openedSlot() {
    return open.isPresent() ? OptionalInt.of(open.get().key.slot()) : OptionalInt.empty();
  }

  @Override
  public int addKey(Secret added, Effort effort) throws IOException {
    return container.add(opened().key.key(), added, effort);
  }

  @Override
  public void removeKey(int slot) throws IOException {
    opened();
    container.remove(slot);
  }

  @Override
  public void flush() throws IOException {
    storage.flush();
  }

  @Override
  public void close() throws IOException {
    open.ifPresent(o -> {
      o.key.close();
      o.cipher.close();
    });
    storage.close();
  }

  @Override
  public String toString() {
    return storage.name();
  }
}
