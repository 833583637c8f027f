package dev.platter.format.vmdk;

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
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// VMware's format: a descriptor in words, and extents that are flat, sparse or compressed.
public final class VmdkFormat implements ImageFormat {
  static final String NAME = "vmdk";

  private static final int LOOKED_AT = 4096;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// The format is found as a service.
  public VmdkFormat() {}

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
    return "VMware disk image (VMDK)";
  }

  @Override
  public List<String> extensions() {
    return List.of("vmdk");
  }

  @Override
  public List<Option> options() {
    return VmdkOptions.DECLARED;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(
        Capability.CREATE,
        Capability.WRITE,
        Capability.BACKING,
        Capability.COMPRESS,
        Capability.DECOMPRESS,
        Capability.ZERO,
        Capability.DISCARD,
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
    byte[] found = new byte[(int) Math.min(storage.size(), LOOKED_AT)];
    MemorySegment bytes = MemorySegment.ofArray(found);
    storage.read(0, bytes);
    boolean sparse =
        found.length >= 4 && Integer.toUnsignedLong(bytes.get(INT, 0)) == SparseHeader.MAGIC;
    boolean cowd = found.length >= 8 && bytes.get(LONG, 0) == (1L << 32 | CowdHeader.MAGIC);
    boolean se = found.length >= 8 && bytes.get(LONG, 0) == SeSparseHeader.MAGIC;
    return sparse || cowd || se || VmdkDescriptor.begins(found)
        ? new Probe.Mine()
        : new Probe.NotMine();
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    return new VmdkOpening(storage, context).open();
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    return new VmdkPlan(new VmdkOptions(blueprint)).plan(allocation);
  }

  @Override
  public boolean alwaysPacked(Blueprint blueprint) {
    return blueprint.options().text(VmdkOptions.SUBFORMAT).equals(VmdkOptions.STREAM);
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.of(new StreamPacking(VmdkOptions.packed(blueprint)));
  }
}
