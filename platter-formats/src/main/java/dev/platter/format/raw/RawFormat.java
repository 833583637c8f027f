package dev.platter.format.raw;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Capability;
import dev.platter.image.Image;
import dev.platter.image.ImageFormat;
import dev.platter.image.OpenContext;
import dev.platter.image.Option;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.image.Plan.Preallocation;
import dev.platter.io.Storage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// The bytes of the disk, as they are.
public final class RawFormat implements ImageFormat {
  private static final String PREALLOCATION = "preallocation";

  /// The format is found as a service.
  public RawFormat() {}

  @Override
  public String name() {
    return "raw";
  }

  @Override
  public List<String> aliases() {
    return List.of("img");
  }

  @Override
  public String title() {
    return "Raw disk image";
  }

  @Override
  public List<String> extensions() {
    return List.of("img", "raw", "dd", "bin");
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.choice(
            PREALLOCATION,
            List.of("off", "falloc", "full"),
            "room for what is not written: none, set aside, or zeros written"));
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(
        Capability.CREATE,
        Capability.WRITE,
        Capability.ZERO,
        Capability.DISCARD,
        Capability.RESIZE,
        Capability.STREAM_READ,
        Capability.STREAM_WRITE);
  }

  /// Any bytes could be a raw disk, so none are claimed: it is what remains when no other format
  /// claims them.
  @Override
  public Probe probe(Storage storage) {
    return new Probe.NotMine();
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws java.io.IOException {
    return RawImage.open(storage);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) {
    if (blueprint.backing().isPresent()) {
      throw new IllegalArgumentException("a raw image has no place for a backing file");
    }
    List<Piece> pieces = new ArrayList<>();
    for (int run = 0; run < allocation.count(); run++) {
      if (!allocation.isZero(run)) {
        long start = allocation.start(run);
        pieces.add(new Piece.Guest(start, allocation.end(run) - start, start));
      }
    }
    String room = blueprint.options().text(PREALLOCATION).toUpperCase(Locale.ROOT);
    return Plan.of(new PlannedFile("", blueprint.size(), pieces, Preallocation.valueOf(room)));
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
