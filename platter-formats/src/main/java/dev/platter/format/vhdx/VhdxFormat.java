package dev.platter.format.vhdx;

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

/// Microsoft's second format: large blocks, two headers, and a log for all metadata.
public final class VhdxFormat implements ImageFormat {
  static final String NAME = "vhdx";

  /// The format is found as a service.
  public VhdxFormat() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> aliases() {
    return List.of();
  }

  @Override
  public String title() {
    return "Microsoft virtual hard disk, version 2 (VHDX)";
  }

  @Override
  public List<String> extensions() {
    return List.of("vhdx", "avhdx");
  }

  @Override
  public List<Option> options() {
    return VhdxPlan.OPTIONS;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(
        Capability.CREATE,
        Capability.WRITE,
        Capability.BACKING,
        Capability.ZERO,
        Capability.DISCARD,
        Capability.CHECK,
        Capability.REPAIR,
        Capability.IDENTITY,
        Capability.STREAM_WRITE,
        Capability.DESCRIBE);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    if (!VhdxFile.isVhdx(storage)) {
      return new Probe.NotMine();
    }
    boolean whole =
        VhdxHeader.read(storage, VhdxHeader.FIRST).isPresent()
            || VhdxHeader.read(storage, VhdxHeader.SECOND).isPresent();
    return whole
        ? new Probe.Mine()
        : new Probe.Broken("neither VHDX header has its signature and checksum");
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    return VhdxImage.open(storage, context);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    return new VhdxPlan(blueprint).plan(allocation);
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
