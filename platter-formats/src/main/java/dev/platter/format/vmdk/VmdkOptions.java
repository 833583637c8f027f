package dev.platter.format.vmdk;

import dev.platter.image.Blueprint;
import dev.platter.image.Option;
import dev.platter.image.Options;
import dev.platter.image.Plan.Preallocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// What a new image is to be, checked.
final class VmdkOptions {
  static final String SUBFORMAT = "subformat";
  static final String MONOLITHIC_SPARSE = "monolithicSparse";
  static final String MONOLITHIC_FLAT = "monolithicFlat";
  static final String SPLIT_SPARSE = "twoGbMaxExtentSparse";
  static final String SPLIT_FLAT = "twoGbMaxExtentFlat";
  static final String STREAM = "streamOptimized";
  static final String VMFS = "vmfs";
  static final String VMFS_SPARSE = "vmfsSparse";
  static final String DEVICE = "fullDevice";
  private static final String VMFS_THIN = "vmfsThin";

  private static final String ADAPTER = "adapter_type";
  private static final String HARDWARE = "hwversion";
  private static final String TOOLS = "toolsversion";
  private static final String COMPAT6 = "compat6";
  private static final String ZEROED = "zeroed_grain";
  private static final String PREALLOCATION = "preallocation";
  private static final String GRAIN = "grain_size";
  private static final String SPLIT = "split_size";
  private static final String EXTENT = "extent";
  private static final String LEVEL = "compression_level";
  private static final String IDENTITY = "uuid";
  private static final String COMMENT = "comment";

  static final List<Option> DECLARED =
      List.of(
          Option.choice(
              SUBFORMAT,
              List.of(
                  MONOLITHIC_SPARSE,
                  MONOLITHIC_FLAT,
                  SPLIT_SPARSE,
                  SPLIT_FLAT,
                  STREAM,
                  VMFS,
                  VMFS_THIN,
                  VMFS_SPARSE,
                  DEVICE),
              "how the disk is kept: sparse or flat, in one file or several, compressed, elsewhere"),
          Option.text(EXTENT, "the file or device that a fullDevice image describes"),
          Option.choice(
              ADAPTER,
              List.of("ide", "lsilogic", "buslogic", "legacyESX"),
              "the controller that the disk was made for"),
          Option.text(HARDWARE, "the virtual hardware's version, 4 by default"),
          Option.text(TOOLS, "the guest tools' version, unknown by default"),
          Option.onOff(COMPAT6, false, "the same as hwversion=6"),
          Option.onOff(
              ZEROED, false, "zeros as marks in the tables, which VirtualBox does not read"),
          Option.choice(
              PREALLOCATION,
              List.of("off", "falloc", "full"),
              "room of flat extents: holes, set aside, or zeros written"),
          Option.size(GRAIN, "64K", "bytes of a grain, a power of two; most programs write 64K"),
          Option.size(SPLIT, "2047M", "bytes of the disk in one extent of a split image"),
          Option.number(LEVEL, "0", "1 (fast) to 12 (small); the default is a fast one"),
          Option.text(IDENTITY, "UUID of the image for VirtualBox, random by default"),
          Option.text(COMMENT, "a comment"));

  private static final int SMALLEST_GRAIN = 4096;
  private static final int LARGEST_GRAIN = 1 << 24;
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final int MOST_EXTENTS = 8192;
  private static final int MOST_COMPRESSED = 12;
  private static final int TRACK = 63;
  private static final int MOST_CYLINDERS = 16_383;
  private static final String UNKNOWN_TOOLS = "2147483647";

  private final Blueprint blueprint;
  private final Options options;
  private final String subformat;
  private final Optional<VmdkImage> parent;

  VmdkOptions(Blueprint blueprint) {
    this(blueprint, blueprint.options().text(SUBFORMAT));
  }

  private VmdkOptions(Blueprint blueprint, String subformat) {
    this.blueprint = blueprint;
    this.options = blueprint.options();
    this.subformat = subformat;
    this.parent = blueprint.backing().map(VmdkOptions::parent);
    if (flat() && parent.isPresent()) {
      throw new IllegalArgumentException("a flat VMDK image cannot have a parent");
    }
    if (!flat() && preallocation() != Preallocation.OFF) {
      throw new IllegalArgumentException("only a flat VMDK image can be preallocated");
    }
    if (subformat.equals(DEVICE) != options.has(EXTENT)) {
      throw new IllegalArgumentException(
          "option extent names what a VMDK image of subformat fullDevice describes: both or none");
    }
    if (options.on(COMPAT6) && options.has(HARDWARE)) {
      throw new IllegalArgumentException("options compat6 and hwversion exclude each other");
    }
    quotable("name", blueprint.name());
    if (size() / splitSize() >= MOST_EXTENTS && split()) {
      throw new IllegalArgumentException(
          "a disk of " + size() + " bytes needs more than " + MOST_EXTENTS + " extents");
    }
  }

  /// Options of an image that is compressed.
  static VmdkOptions packed(Blueprint blueprint) {
    String given = blueprint.options().given(SUBFORMAT).orElse(STREAM);
    if (!given.equals(STREAM)) {
      throw new IllegalArgumentException(
          "a compressed VMDK image is of subformat streamOptimized, not " + given);
    }
    return new VmdkOptions(blueprint, STREAM);
  }

  private static VmdkImage parent(Blueprint.Backing backing) {
    if (backing.image().orElse(null) instanceof VmdkImage image) {
      return image;
    }
    throw new IllegalArgumentException(
        "a VMDK image knows its parent by what the parent's descriptor says, so the parent must be"
            + " a VMDK image that can be opened; '"
            + backing.name()
            + "' is not");
  }

  String subformat() {
    return subformat;
  }

  boolean flat() {
    return subformat.equals(MONOLITHIC_FLAT)
        || subformat.equals(SPLIT_FLAT)
        || subformat.equals(DEVICE)
        || vmfs();
  }

  /// Whether a flat file is said to be on a file system of ESX.
  boolean vmfs() {
    return subformat.equals(VMFS) || subformat.equals(VMFS_THIN);
  }

  /// What the image describes.
  String device() {
    return quotable(EXTENT, options.text(EXTENT));
  }

  boolean split() {
    return subformat.equals(SPLIT_FLAT) || subformat.equals(SPLIT_SPARSE);
  }

  boolean child() {
    return parent.isPresent();
  }

  boolean zeroMarks() {
    return options.on(ZEROED);
  }

  Preallocation preallocation() {
    return Preallocation.valueOf(options.text(PREALLOCATION).toUpperCase(Locale.ROOT));
  }

  /// Bytes of the disk, whole sectors.
  long size() {
    if (blueprint.size() > Long.MAX_VALUE - 2 * SECTOR) {
      throw new IllegalArgumentException(
          "a VMDK image holds fewer than 2^63 - 1024 bytes, not " + blueprint.size());
    }
    return (blueprint.size() + SECTOR - 1) & -SECTOR;
  }

  int grainSize() {
    boolean esx = subformat.equals(VMFS_SPARSE);
    long grain = esx && !options.has(GRAIN) ? SECTOR : options.size(GRAIN);
    int least = esx ? SECTOR : SMALLEST_GRAIN;
    if (Long.bitCount(grain) != 1 || grain < least || grain > LARGEST_GRAIN) {
      throw bad(GRAIN, "a power of two from " + least + " to 16M");
    }
    return (int) grain;
  }

  /// Deflate's level, 0 for the fast default.
  int level() {
    long level = options.number(LEVEL);
    if (level < 0 || level > MOST_COMPRESSED) {
      throw bad(LEVEL, "0 to 12");
    }
    return (int) level;
  }

  long splitSize() {
    long length = options.size(SPLIT);
    if (length <= 0 || length % grainSize() != 0) {
      throw bad(SPLIT, "a multiple of the grain size");
    }
    return length;
  }

  private IllegalArgumentException bad(String option, String expected) {
    return new IllegalArgumentException(
        "option " + option + "=" + options.text(option) + ": expected " + expected);
  }

  static String quotable(String what, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) == '"') {
        throw new IllegalArgumentException(
            "the "
                + what
                + " of a VMDK image is written between quotation marks and cannot have"
                + " one, or a control character");
      }
    }
    return text;
  }

  /// The name of an extent's file.
  ///
  /// @param number from 1
  String extentName(int number) {
    String name = blueprint.name();
    String stem = name.endsWith(".vmdk") ? name.substring(0, name.length() - 5) : name;
    if (!split()) {
      return stem + (flat() ? "-flat.vmdk" : "-delta.vmdk");
    }
    String digits = Integer.toString(number);
    return stem
        + (flat() ? "-f" : "-s")
        + "0".repeat(Math.max(3 - digits.length(), 0))
        + digits
        + ".vmdk";
  }

  /// The extent of an image that is one file.
  String ownExtent() {
    return "RW " + size() / SECTOR + " SPARSE \"" + blueprint.name() + "\"";
  }

  /// The image's descriptor.
  byte[] descriptor(List<String> extents) {
    List<String> lines = new ArrayList<>();
    lines.add("# Disk DescriptorFile");
    lines.add("version=1");
    lines.add("encoding=\"UTF-8\"");
    lines.add("CID=" + VmdkParent.hex(cid()));
    lines.add("parentCID=" + VmdkParent.hex(parentCid()));
    lines.add("createType=\"" + (vmfs() ? VMFS : subformat) + "\"");
    blueprint
        .backing()
        .ifPresent(backing ->
            lines.add("parentFileNameHint=\"" + quotable("parent", backing.name()) + "\""));
    lines.addAll(List.of("", "# Extent description"));
    lines.addAll(extents);
    lines.addAll(List.of("", "# The Disk Data Base", "#DDB", ""));
    database(lines);
    return VmdkDescriptor.of(lines).bytes();
  }

  private long cid() {
    long cid = blueprint.identities().get().getLeastSignificantBits() & 0xffff_ffffL;
    return cid == 0 || cid >= VmdkDescriptor.NO_PARENT - 1 ? 1 : cid;
  }

  private long parentCid() {
    return parent
        .map(image -> image.descriptor().hex(VmdkDescriptor.CID).orElse(0))
        .orElse(VmdkDescriptor.NO_PARENT);
  }

  private void database(List<String> lines) {
    String adapter = options.text(ADAPTER);
    boolean ide = adapter.equals("ide");
    int heads = ide ? 16 : 255;
    long cylinders = Math.max(size() / SECTOR / heads / TRACK, 1);
    String hardware = options.on(COMPAT6) ? "6" : options.given(HARDWARE).orElse("4");
    value(lines, "ddb.virtualHWVersion", hardware);
    value(
        lines,
        "ddb.geometry.cylinders",
        String.valueOf(ide ? Math.min(cylinders, MOST_CYLINDERS) : cylinders));
    value(lines, "ddb.geometry.heads", String.valueOf(heads));
    value(lines, "ddb.geometry.sectors", String.valueOf(TRACK));
    value(lines, "ddb.adapterType", adapter);
    if (subformat.equals(VMFS_THIN)) {
      value(lines, "ddb.thinProvisioned", "1");
    }
    value(lines, "ddb.toolsVersion", options.given(TOOLS).orElse(UNKNOWN_TOOLS));
    Optional<VmdkDescriptor> below = parent.map(VmdkImage::descriptor);
    uuid(lines, VmdkDescriptor.IDENTITY, Optional.of(identity()));
    uuid(lines, VmdkDescriptor.PARENT, below.flatMap(d -> d.uuid(VmdkDescriptor.IDENTITY)));
    uuid(lines, VmdkDescriptor.MODIFICATION, Optional.of(blueprint.identities().get()));
    uuid(
        lines,
        VmdkDescriptor.PARENT_MODIFICATION,
        below.flatMap(d -> d.uuid(VmdkDescriptor.MODIFICATION)));
    options
        .given(COMMENT)
        .ifPresent(comment -> value(lines, VmdkDescriptor.COMMENT, VmdkDescriber.escaped(comment)));
  }

  private static void value(List<String> lines, String name, String value) {
    lines.add(name + " = \"" + quotable(name, value) + "\"");
  }

  private static void uuid(List<String> lines, String name, Optional<UUID> uuid) {
    lines.add(name + "=\"" + uuid.orElse(new UUID(0, 0)) + "\"");
  }

  private UUID identity() {
    Optional<String> given = options.given(IDENTITY);
    if (given.isEmpty()) {
      return blueprint.identities().get();
    }
    try {
      return UUID.fromString(given.get());
    } catch (IllegalArgumentException _) {
      throw bad(IDENTITY, "a UUID");
    }
  }
}
