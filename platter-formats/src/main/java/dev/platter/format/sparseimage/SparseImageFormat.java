package dev.platter.format.sparseimage;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Capability;
import dev.platter.image.Image;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext;
import dev.platter.image.Option;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Apple's sparse image: bands in the order in which they were written first, and their numbers.
public final class SparseImageFormat implements ImageFormat {

  /// The format is found as a service.
  public SparseImageFormat() {}

  @Override
  public String name() {
    return "sparseimage";
  }

  @Override
  public List<String> aliases() {
    return List.of();
  }

  @Override
  public String title() {
    return "Apple sparse image";
  }

  @Override
  public List<String> extensions() {
    return List.of("sparseimage");
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.CHECK);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    HeaderNode header = HeaderNode.STRUCT.read(storage, 0);
    return header.magic().equals(HeaderNode.MAGIC) ? new Probe.Mine() : new Probe.NotMine();
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      HeaderNode header = HeaderNode.STRUCT.read(storage, 0).checked(storage.name());
      Image image = new SparseImage(storage, header, Bands.read(storage, header, context.limits()));
      opened = true;
      return image;
    } finally {
      if (!opened) {
        storage.close();
      }
    }
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    throw new UnsupportedOperationException("a sparse image cannot be created");
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
