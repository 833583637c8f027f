package dev.platter.format.sparsebundle;

import dev.platter.format.plist.PropertyList;
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
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Apple's sparse bundle: a folder with a property list and a file for each band. It is opened by
/// its `Info.plist`.
public final class SparseBundleFormat implements ImageFormat {
  private static final int LOOKED_AT = 4096;

  /// The format is found as a service.
  public SparseBundleFormat() {}

  @Override
  public String name() {
    return "sparsebundle";
  }

  @Override
  public List<String> aliases() {
    return List.of();
  }

  @Override
  public String title() {
    return "Apple sparse bundle";
  }

  @Override
  public List<String> extensions() {
    return List.of("sparsebundle", "plist");
  }

  @Override
  public Optional<String> folderFile() {
    return Optional.of("Info.plist");
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.noneOf(Capability.class);
  }

  @Override
  public Probe probe(Storage storage) throws IOException {
    byte[] start = new byte[(int) Math.min(storage.size(), LOOKED_AT)];
    if (start.length > 0) {
      storage.read(0, MemorySegment.ofArray(start).asSlice(0, 1));
      // a file that does not start like a text is not read any further
      if (start[0] != '<' && start[0] != (byte) 0xef && start[0] > ' ') {
        return new Probe.NotMine();
      }
      storage.read(0, MemorySegment.ofArray(start));
    }
    boolean mine =
        PropertyList.looksLike(start)
            && new String(start, StandardCharsets.ISO_8859_1).contains(BundleInfo.TYPE);
    return mine ? new Probe.Mine() : new Probe.NotMine();
  }

  @Override
  public Image open(Storage storage, OpenContext context) throws IOException {
    boolean opened = false;
    try {
      Image image = SparseBundle.open(storage, context);
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
    throw new UnsupportedOperationException("a sparse bundle cannot be created");
  }

  @Override
  public Optional<Packing> pack(Blueprint blueprint) {
    return Optional.empty();
  }
}
