package dev.platter.format.iso;

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

/// Optical discs as they are read, in blocks of 2048 bytes, with a volume of ISO 9660 or UDF.
public final class IsoFormat implements ImageFormat {
  /// The format is found as a service.
  public IsoFormat() {}

  @Override
  public String name() {
    return "iso";
  }

  @Override
  public List<String> aliases() {
    return List.of("udf", "cdr");
  }

  @Override
  public String title() {
    return "Optical disc (ISO 9660, UDF)";
  }

  @Override
  public List<String> extensions() {
    return List.of("iso", "cdr", "udf");
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.CHECK, Capability.STREAM_READ);
  }

  /// What stands in the system area, the first 32 KiB, is not looked at: boot code and partition
  /// tables are often there, and an image of another format is claimed by that format too.
  @Override
  public Probe probe(Storage storage) throws IOException {
    return IsoVolumes.claims(storage);
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    return IsoImage.open(storage, context);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    throw new UnsupportedOperationException("discs are not made from nothing");
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
