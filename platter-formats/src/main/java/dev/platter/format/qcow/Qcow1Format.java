package dev.platter.format.qcow;

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
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// QEMU's copy-on-write images, version 1.
public final class Qcow1Format implements ImageFormat {
  private static final int PROBED = 8;

  /// The format is found as a service.
  public Qcow1Format() {}

  @Override
  public String name() {
    return "qcow";
  }

  @Override
  public List<String> aliases() {
    return List.of("qcow1");
  }

  @Override
  public String title() {
    return "QEMU copy-on-write image, version 1";
  }

  @Override
  public List<String> extensions() {
    return List.of("qcow");
  }

  @Override
  public List<Option> options() {
    return Qcow1Options.DECLARED;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(
        Capability.CREATE,
        Capability.WRITE,
        Capability.BACKING,
        Capability.COMPRESS,
        Capability.DECOMPRESS,
        Capability.DISCARD,
        Capability.CHECK,
        Capability.REPAIR,
        Capability.STREAM_WRITE,
        Capability.DESCRIBE);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    if (storage.size() < PROBED) {
      return new Probe.NotMine();
    }
    var start = ByteBuffer.allocate(PROBED);
    storage.read(0, MemorySegment.ofBuffer(start));
    if ((start.getInt() & 0xffff_ffffL) != Qcow1Header.SIGNATURE || start.getInt() != 1) {
      return new Probe.NotMine();
    }
    return storage.size() < Qcow1Header.STRUCT.size()
        ? new Probe.Broken(
            "it has " + storage.size() + " bytes, its header has " + Qcow1Header.STRUCT.size())
        : new Probe.Mine();
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    return Qcow1Image.open(storage, context);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    return new Qcow1Plan(blueprint, allocation).plan();
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.of(Qcow1Packing.of(blueprint));
  }
}
