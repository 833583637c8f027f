package dev.platter.format.qed;

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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// QEMU's enhanced disk format: two levels of tables and nothing else.
public final class QedFormat implements ImageFormat {
  /// The format is found as a service.
  public QedFormat() {}

  @Override
  public String name() {
    return "qed";
  }

  @Override
  public List<String> aliases() {
    return List.of();
  }

  @Override
  public String title() {
    return "QEMU enhanced disk (QED)";
  }

  @Override
  public List<String> extensions() {
    return List.of("qed");
  }

  @Override
  public List<Option> options() {
    return QedPlan.OPTIONS;
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
        Capability.STREAM_WRITE,
        Capability.DESCRIBE);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    var start = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (storage.size() < start.capacity()) {
      return new Probe.NotMine();
    }
    storage.read(0, MemorySegment.ofBuffer(start));
    if (start.getInt() != QedHeader.SIGNATURE) {
      return new Probe.NotMine();
    }
    return storage.size() < QedHeader.STRUCT.size()
        ? new Probe.Broken(
            "it has " + storage.size() + " bytes, its header has " + QedHeader.STRUCT.size())
        : new Probe.Mine();
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    return QedImage.open(storage, context);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    return new QedPlan(blueprint, allocation).plan();
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
