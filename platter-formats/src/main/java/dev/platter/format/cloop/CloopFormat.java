package dev.platter.format.cloop;

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

/// Compressed loop images, as live systems had them: blocks of zlib and a table of offsets.
public final class CloopFormat implements ImageFormat {
  /// The format is found as a service.
  public CloopFormat() {}

  @Override
  public String name() {
    return "cloop";
  }

  @Override
  public List<String> aliases() {
    return List.of();
  }

  @Override
  public String title() {
    return "Compressed loop (cloop)";
  }

  @Override
  public List<String> extensions() {
    return List.of("cloop");
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.DECOMPRESS, Capability.CHECK);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    return CloopHeader.claims(storage);
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    return CloopImage.open(storage, context);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    throw new UnsupportedOperationException("images of cloop are not written");
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
