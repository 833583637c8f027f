package dev.platter.format.iso;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.DeviceType;
import dev.platter.image.Dumpable;
import dev.platter.image.Finding;
import dev.platter.image.HasRegions;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.ParentLink;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Region;
import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// An open image of a disc: every byte is at its place. It is only read: a disc is.
final class IsoImage implements HasRegions, Dumpable, Claiming {
  private final Storage storage;
  private final long size;
  private final IsoVolumes volumes;

  private IsoImage(Storage storage, IsoVolumes volumes) throws IOException {
    this.storage = storage;
    this.size = storage.size();
    this.volumes = volumes;
  }

  static IsoImage open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      if (context.access().writes()) {
        throw new ReadOnlyException(
            storage.name(), "is an optical disc, which is only read; name the format raw (-f raw)");
      }
      var image = new IsoImage(storage, IsoVolumes.read(storage));
      opened = true;
      return image;
    } finally {
      if (!opened) {
        storage.close();
      }
    }
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
  public Mapping map(long offset, long length) {
    return new Mapping.Stored(storage, offset, Math.min(length, size - offset));
  }

  @Override
  public Reservation reserve(long offset, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public void prepareToWrite() throws IOException {
    throw readOnly();
  }

  private ReadOnlyException readOnly() {
    return new ReadOnlyException(storage.name(), "is an optical disc, which is only read");
  }

  @Override
  public Optional<ParentLink> parent() {
    return Optional.empty();
  }

  @Override
  public DeviceType device() {
    return DeviceType.OPTICAL;
  }

  @Override
  public List<Region> regions() {
    long blocks = size / IsoVolumes.BLOCK + (size % IsoVolumes.BLOCK == 0 ? 0 : 1);
    return blocks == 0
        ? List.of()
        : List.of(new Region(0, blocks, IsoVolumes.BLOCK, Region.DataForm.MODE1_2048));
  }

  @Override
  public ImageInfo info() throws IOException {
    return IsoDescription.info(storage, volumes);
  }

  @Override
  public void dump(Dump sink) throws IOException {
    new IsoDescription(storage, volumes).dump(sink);
  }

  @Override
  public int claimUnit() {
    return IsoVolumes.BLOCK;
  }

  @Override
  public Unclaimed unclaimed() {
    return Unclaimed.FREE;
  }

  @Override
  public void claims(Consumer<Claim> sink) {
    for (IsoVolumes.Found found : volumes.found()) {
      String owner = found.descriptor().kind() + " at " + found.position();
      sink.accept(new Claim(owner, found.position(), IsoVolumes.BLOCK));
    }
  }

  @Override
  public void findings(Consumer<Finding> sink) throws IOException {
    new IsoCheck(storage, volumes).run(sink);
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
  public void flush() {
    // nothing is ever changed
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
