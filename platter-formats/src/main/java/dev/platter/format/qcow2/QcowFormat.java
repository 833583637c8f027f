package dev.platter.format.qcow2;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Capability;
import dev.platter.image.Image;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext;
import dev.platter.image.OpenContext.Purpose;
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

/// QEMU's copy-on-write images, version 2 and 3.
public final class QcowFormat implements ImageFormat {
  private static final int PROBED = 8;

  /// The format is found as a service.
  public QcowFormat() {}

  @Override
  public String name() {
    return "qcow2";
  }

  @Override
  public List<String> aliases() {
    return List.of();
  }

  @Override
  public String title() {
    return "QEMU copy-on-write image";
  }

  @Override
  public List<String> extensions() {
    return List.of("qcow2");
  }

  @Override
  public List<Option> options() {
    return QcowPlanOptions.DECLARED;
  }

  @Override
  public List<Option> openOptions() {
    return List.of(
        Option.text(QcowOpening.SNAPSHOT_ID, "the disk of the snapshot with this ID, read-only"),
        Option.text(
            QcowOpening.SNAPSHOT_NAME, "the disk of the snapshot with this name, read-only"));
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
        Capability.SNAPSHOTS,
        Capability.CHECK,
        Capability.REPAIR,
        Capability.DESCRIBE);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    if (storage.size() < PROBED) {
      return new Probe.NotMine();
    }
    var start = ByteBuffer.allocate(PROBED);
    storage.read(0, MemorySegment.ofBuffer(start));
    if ((start.getInt() & 0xffff_ffffL) != QcowHeader.MAGIC) {
      return new Probe.NotMine();
    }
    long version = start.getInt() & 0xffff_ffffL;
    if (version == 1) {
      // another format
      return new Probe.NotMine();
    }
    return version == 0
        ? new Probe.Broken("its version at 4 is 0, known are 2 and 3")
        : new Probe.Mine();
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      QcowHead head = QcowOpening.view(storage, context);
      QcowFiles files = QcowOpening.files(storage, head, context);
      QcowCodec codec =
          context.purpose() == Purpose.INFO && head.compressionType() > 1
              ? QcowCodec.ZLIB
              : QcowCodec.of(storage.name(), head.compressionType());
      Image image =
          new QcowImage(
              files, head, codec, QcowOpening.aes(storage, head, context), context.limits());
      opened = true;
      return image;
    } finally {
      if (!opened) {
        storage.close();
      }
    }
  }

  /// Clusters that have a place but were not written are noise when they are decrypted.
  @Override
  public boolean gapsReadAsZeros(Blueprint blueprint) {
    return !QcowPlanOptions.leavesNoise(blueprint.options());
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    return QcowPlan.of(blueprint, allocation);
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.of(QcowPacking.of(blueprint));
  }
}
