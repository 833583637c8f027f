package dev.platter.format.vmdk;

import dev.platter.format.vmdk.VmdkOpening.Part;
import dev.platter.image.HasGeometry.Geometry;
import dev.platter.image.ImageInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.UUID;

/// An image in words.
final class VmdkDescription {
  private VmdkDescription() {}

  static ImageInfo info(VmdkImage image) throws IOException {
    VmdkDescriptor descriptor = image.descriptor();
    SequencedMap<String, Object> specific = new LinkedHashMap<>();
    specific.put("cid", descriptor.hex(VmdkDescriptor.CID).orElse(0));
    specific.put(
        "parent-cid", descriptor.hex(VmdkDescriptor.PARENT_CID).orElse(VmdkDescriptor.NO_PARENT));
    String type = descriptor.value(VmdkDescriptor.CREATE_TYPE).orElse("");
    specific.put("create-type", type);
    text(specific, "adapter-type", descriptor.value("ddb.adapterType"));
    text(specific, "hardware-version", descriptor.value("ddb.virtualHWVersion"));
    text(specific, "tools-version", descriptor.value("ddb.toolsVersion"));
    uuid(specific, "uuid", descriptor.uuid(VmdkDescriptor.IDENTITY));
    uuid(specific, "modification-uuid", descriptor.uuid(VmdkDescriptor.MODIFICATION));
    uuid(specific, "parent-uuid", descriptor.uuid(VmdkDescriptor.PARENT));
    uuid(specific, "parent-modification-uuid", descriptor.uuid(VmdkDescriptor.PARENT_MODIFICATION));
    text(specific, "comment", descriptor.value(VmdkDescriptor.COMMENT).map(VmdkDescriber::plain));
    List<Object> extents = new ArrayList<>();
    boolean dirty = false;
    boolean compressed = false;
    for (Part part : image.parts()) {
      VmdkExtent extent = part.extent().opened();
      extents.add(extent(part, extent));
      dirty |= extent instanceof SparseExtent sparse && sparse.dirty();
      compressed |= extent.compressed();
    }
    specific.put("extents", extents);
    return new ImageInfo(
        clusterSize(image),
        dirty,
        false,
        false,
        compressed,
        Optional.of(type).filter(t -> !t.isEmpty()),
        List.of(),
        specific);
  }

  private static OptionalLong clusterSize(VmdkImage image) {
    int unit = image.allocationUnit();
    return unit > 1 ? OptionalLong.of(unit) : OptionalLong.empty();
  }

  private static SequencedMap<String, Object> extent(Part part, VmdkExtent opened) {
    SequencedMap<String, Object> shown = new LinkedHashMap<>();
    shown.put("access", part.line().access().toString());
    shown.put("format", part.line().type());
    shown.put("virtual-size", part.length());
    if (!part.line().file().isEmpty()) {
      shown.put("filename", part.line().file());
    }
    if (opened.allocationUnit() > 1) {
      shown.put("cluster-size", (long) opened.allocationUnit());
    }
    if (opened instanceof ScannedExtent scanned) {
      shown.put("compressed", true);
      shown.put("tables-lost", true);
      shown.put("grains-found", scanned.grains());
      if (scanned.cut()) {
        shown.put("lost-from", scanned.known());
      }
    }
    if (opened instanceof SparseExtent extent) {
      shown.put("compressed", extent.compressed());
      shown.put("version", extent.head().version());
      shown.put("zeroed-grain", extent.layout().has(GrainLayout.Feature.ZERO_MARK));
    }
    return shown;
  }

  private static void text(
      SequencedMap<String, Object> target, String name, Optional<String> value) {
    value.filter(v -> !v.isEmpty()).ifPresent(v -> target.put(name, v));
  }

  private static void uuid(SequencedMap<String, Object> target, String name, Optional<UUID> value) {
    value.ifPresent(v -> target.put(name, v.toString()));
  }

  /// A geometry of three values whose names begin alike.
  static Optional<Geometry> geometry(VmdkDescriptor descriptor, String prefix) {
    boolean bios = prefix.endsWith("bios");
    long cylinders = number(descriptor, prefix + (bios ? "Cylinders" : "cylinders"));
    long heads = number(descriptor, prefix + (bios ? "Heads" : "heads"));
    long sectors = number(descriptor, prefix + (bios ? "Sectors" : "sectors"));
    boolean known = cylinders > 0 && heads > 0 && sectors > 0 && heads < 65536 && sectors < 65536;
    return known
        ? Optional.of(new Geometry(cylinders, (int) heads, (int) sectors))
        : Optional.empty();
  }

  private static long number(VmdkDescriptor descriptor, String name) {
    try {
      return Long.parseLong(descriptor.value(name).orElse("0"));
    } catch (NumberFormatException _) {
      return 0;
    }
  }
}
