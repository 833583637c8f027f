package dev.platter.format.bochs;

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

/// Growing images of Bochs: extents of sectors, each with a bitmap.
public final class BochsFormat implements ImageFormat {
  /// The format is found as a service.
  public BochsFormat() {}

  @Override
  public String name() {
    return "bochs";
  }

  @Override
  public List<String> aliases() {
    return List.of();
  }

  @Override
  public String title() {
    return "Bochs growing disk";
  }

  @Override
  public List<String> extensions() {
    return List.of("bochs");
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
    return BochsHeader.claims(storage);
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    return BochsImage.open(storage, context);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    throw new UnsupportedOperationException("images of Bochs are not written");
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
