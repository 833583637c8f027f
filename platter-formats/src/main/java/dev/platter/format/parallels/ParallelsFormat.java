package dev.platter.format.parallels;

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
import dev.platter.struct.Bytes;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The format of Parallels Desktop and Virtuozzo: single images, and folders of images with a
/// descriptor.
public final class ParallelsFormat implements ImageFormat {
  static final String NAME = "parallels";

  /// The format is found as a service.
  public ParallelsFormat() {}

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
    return "Parallels disk image (HDD)";
  }

  @Override
  public List<String> extensions() {
    return List.of("hds", "hdd");
  }

  @Override
  public Optional<String> folderFile() {
    return Optional.of("DiskDescriptor.xml");
  }

  @Override
  public List<Option> options() {
    return ParallelsPlan.OPTIONS;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(
        Capability.CREATE,
        Capability.WRITE,
        Capability.DISCARD,
        Capability.SNAPSHOTS,
        Capability.CHECK,
        Capability.REPAIR,
        Capability.GEOMETRY,
        Capability.STREAM_WRITE,
        Capability.DESCRIBE);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    ParallelsHeader header = ParallelsHeader.STRUCT.read(storage, 0);
    Bytes magic = header.magic();
    if (magic.equals(ParallelsHeader.SECTORS) || magic.equals(ParallelsHeader.CLUSTERS)) {
      return header.version() == ParallelsHeader.VERSION
          ? new Probe.Mine()
          : new Probe.Broken("has version " + header.version() + " at 16 instead of 2");
    }
    return ParallelsXml.looksLike(storage, ParallelsDescriptor.ROOT)
        ? new Probe.Mine()
        : new Probe.NotMine();
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      Image image =
          ParallelsXml.looksLike(storage, ParallelsDescriptor.ROOT)
              ? ParallelsBundle.open(storage, context)
              : ParallelsImage.open(storage, context);
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
    return new ParallelsPlan(blueprint).plan(allocation);
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
