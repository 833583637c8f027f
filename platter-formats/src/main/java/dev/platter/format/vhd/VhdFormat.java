package dev.platter.format.vhd;

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
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Microsoft's VHD, the format of Virtual PC: fixed, dynamic and differencing images.
public final class VhdFormat implements ImageFormat {
  static final String NAME = "vpc";
  static final String SUBFORMAT = "subformat";
  static final String FORCE_SIZE = "force_size";
  static final String BLOCK_SIZE = "block_size";
  static final String AZURE = "azure";

  /// The format is found as a service.
  public VhdFormat() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> aliases() {
    return List.of("vhd");
  }

  @Override
  public String title() {
    return "Microsoft VHD (Virtual PC)";
  }

  @Override
  public List<String> extensions() {
    return List.of("vhd", "avhd", "vpc");
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.choice(
            SUBFORMAT, List.of("dynamic", "fixed"), "blocks as they are needed, or all at once"),
        Option.onOff(
            FORCE_SIZE, true, "exactly the size asked for; off: rounded up to a disk geometry"),
        Option.size(BLOCK_SIZE, "2M", "bytes of a block, a power of two from 512 to 1G"),
        Option.onOff(AZURE, false, "as Azure takes it: fixed, whole MiB"));
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
        Capability.GEOMETRY,
        Capability.STREAM_WRITE,
        Capability.DESCRIBE);
  }

  /// A footer is looked for at the end, where every image has it, then at the start.
  @Override
  public Probe probe(Storage storage) throws IOException {
    Optional<VhdFile.Placed> trailing = VhdFile.trailing(storage);
    Optional<VhdFile.Placed> leading = VhdFile.at(storage, 0).filter(p -> p.footer().hasBlocks());
    if (trailing.isPresent() && trailing.get().footer().isSound()) {
      VhdFooter footer = trailing.get().footer();
      boolean cut =
          footer.type() == VhdFooter.FIXED
              && Long.compareUnsigned(footer.size(), trailing.get().position()) > 0;
      return cut ? new Probe.Broken("the file ends before the disk does") : new Probe.Mine();
    }
    if (leading.isPresent() && leading.get().footer().isSound()) {
      return new Probe.Mine();
    }
    return trailing
        .or(() -> leading)
        .<Probe>map(p ->
            new Probe.Broken(
                VhdFile.wrong(
                    "footer", p.position(), p.footer().checksum(), p.footer().computed())))
        .orElseGet(Probe.NotMine::new);
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      Image image = image(VhdFile.open(storage, context));
      opened = true;
      return image;
    } finally {
      if (!opened) {
        storage.close();
      }
    }
  }

  private static VhdImage image(VhdFile found) throws IOException {
    VhdFile file = found;
    if (file.footer().type() == VhdFooter.FIXED) {
      return new VhdFixedImage(file);
    }
    OpenContext context = file.context();
    boolean lost = !file.hasFooter();
    if (lost && context.access().writes() && context.purpose() == Purpose.DATA) {
      new VhdSpace(file, new VhdTables(file)).restoreFooter();
      file = VhdFile.open(file.storage(), context);
    }
    return file.footer().type() == VhdFooter.DYNAMIC
        ? new VhdDynamicImage(file)
        : new VhdDifferencingImage(file);
  }

  @Override
  public Plan plan(Blueprint blueprint, Allocation allocation) throws IOException {
    return new VhdPlan(blueprint).plan(allocation);
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
