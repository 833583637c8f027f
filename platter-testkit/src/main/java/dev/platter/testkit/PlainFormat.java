package dev.platter.testkit;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Capability;
import dev.platter.image.Image;
import dev.platter.image.ImageFormat;
import dev.platter.image.ImageInfo;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext;
import dev.platter.image.Option;
import dev.platter.image.Packing;
import dev.platter.image.ParentLink;
import dev.platter.image.Plan;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A storage's bytes as a disk that is only read: the source of images in tests of plans.
final class PlainFormat implements ImageFormat {

  @Override
  public String name() {
    return "plain";
  }

  @Override
  public List<String> aliases() {
    return List.of();
  }

  @Override
  public String title() {
    return "Plain bytes";
  }

  @Override
  public List<String> extensions() {
    return List.of("plain");
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of();
  }

  @Override
  public Probe probe(Storage storage) {
    return new Probe.NotMine();
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    return new PlainImage(storage, storage.size());
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    throw new UnsupportedOperationException("plain bytes are not laid out");
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }

  private record PlainImage(Storage storage, long size) implements Image {
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
      throw new ReadOnlyException(storage.name(), "is a source");
    }

    @Override
    public void prepareToWrite() throws IOException {
      throw new ReadOnlyException(storage.name(), "is a source");
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
    public void flush() {
      // never changed
    }

    @Override
    public void close() throws IOException {
      storage.close();
    }
  }
}
