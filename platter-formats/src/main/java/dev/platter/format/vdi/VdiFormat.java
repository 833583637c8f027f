package dev.platter.format.vdi;

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
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// VirtualBox's own format: a header, a map with an entry of four bytes a block, blocks.
public final class VdiFormat implements ImageFormat {
  static final String NAME = "vdi";

  /// The format is found as a service.
  public VdiFormat() {}

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
    return "VirtualBox disk image (VDI)";
  }

  @Override
  public List<String> extensions() {
    return List.of("vdi");
  }

  @Override
  public List<Option> options() {
    return VdiPlan.OPTIONS;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(
        Capability.CREATE,
        Capability.WRITE,
        Capability.BACKING,
        Capability.ZERO,
        Capability.DISCARD,
        Capability.RESIZE,
        Capability.CHECK,
        Capability.REPAIR,
        Capability.IDENTITY,
        Capability.COMMENT,
        Capability.GEOMETRY,
        Capability.STREAM_WRITE,
        Capability.DESCRIBE);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    byte[] found = new byte[4];
    if (storage.size() < VdiHeader.SIGNATURE_POSITION + found.length) {
      return new Probe.NotMine();
    }
    MemorySegment signature = MemorySegment.ofArray(found);
    storage.read(VdiHeader.SIGNATURE_POSITION, signature);
    // by way of a buffer: access with a layout has a start-up cost
    int value = signature.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getInt();
    return value == (int) VdiHeader.SIGNATURE ? new Probe.Mine() : new Probe.NotMine();
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    return VdiImage.open(storage, context);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    return new VdiPlan(blueprint).plan(allocation);
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
