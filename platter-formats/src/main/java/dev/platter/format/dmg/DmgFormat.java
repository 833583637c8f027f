package dev.platter.format.dmg;

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

/// Apple's disk image: chunks that are compressed in one of several ways, checksums, and a trailer.
public final class DmgFormat implements ImageFormat {
  static final String NAME = "dmg";

  /// The format is found as a service.
  public DmgFormat() {}

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
    return "Apple disk image (DMG)";
  }

  @Override
  public List<String> extensions() {
    return List.of("dmg");
  }

  @Override
  public List<Option> options() {
    return DmgOptions.DECLARED;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(
        Capability.CREATE, Capability.COMPRESS, Capability.DECOMPRESS, Capability.CHECK);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    if (DmgEncryption.isEncrypted(storage)) {
      return new Probe.Mine();
    }
    long position = KolyTrailer.find(storage);
    if (position < 0) {
      return new Probe.NotMine();
    }
    String fault = KolyTrailer.STRUCT.read(storage, position).fault();
    return fault.isEmpty() ? new Probe.Mine() : new Probe.Broken(fault);
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      Image image = new DmgOpening(storage, context).open();
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
    return new DmgPlan(blueprint).plan(allocation);
  }

  @Override
  public boolean alwaysPacked(Blueprint blueprint) {
    return DmgOptions.of(blueprint).kind().compressed();
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.of(new DmgPacking(blueprint));
  }
}
