package dev.platter.format.vhdx;

import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.util.UUID;

/// An entry of the metadata table.
///
/// @param id what the item is, `ItemId`
/// @param offset where it starts in the metadata region
/// @param length bytes
/// @param flags [#USER], [#DISK], [#REQUIRED]
/// @param reserved 0
record VhdxItem(Bytes id, long offset, long length, long flags, long reserved) {
  /// Not the system's but a user's.
  static final long USER = 1;

  /// Says something about the disk and not about the file.
  static final long DISK = 2;

  /// Who does not know it must not open the image.
  static final long REQUIRED = 4;

  static final Bytes PARAMETERS = id("caa16737-fa36-4d43-b3b6-33f0aa44e76b");
  static final Bytes SIZE = id("2fa54224-cd1b-4876-b211-5dbed83bf4b8");
  static final Bytes DISK_ID = id("beca12ab-b2e6-4523-93ef-c309e000c746");
  static final Bytes LOGICAL_SECTOR = id("8141bf1d-a96f-4709-ba47-f233a8faab5f");
  static final Bytes PHYSICAL_SECTOR = id("cda348c7-445d-4471-9cc9-e9885251c556");
  static final Bytes LOCATOR = id("a8d35f2d-b30b-454d-abf7-d3d84834ab0c");

  static final Struct<VhdxItem> STRUCT =
      Struct.littleEndian(
          "metadata item", new VhdxItem(VhdxHeader.NO_GUID, 0, 0, 0, 0), VhdxItem::fields);

  private static VhdxItem fields(Fields f, VhdxItem v) {
    return new VhdxItem(
        f.bytes("id", 16, v.id),
        f.u32("offset", v.offset),
        f.u32("length", v.length),
        f.u32("flags", v.flags),
        f.u32("reserved", v.reserved));
  }

  private static Bytes id(String uuid) {
    return Bytes.mixedEndian(UUID.fromString(uuid));
  }

  boolean isRequired() {
    return (flags & REQUIRED) != 0;
  }

  /// What to call it.
  String name() {
    if (id.equals(PARAMETERS)) {
      return "file parameters";
    } else if (id.equals(SIZE)) {
      return "virtual disk size";
    } else if (id.equals(DISK_ID)) {
      return "virtual disk ID";
    } else if (id.equals(LOGICAL_SECTOR)) {
      return "logical sector size";
    } else if (id.equals(PHYSICAL_SECTOR)) {
      return "physical sector size";
    }
    return id.equals(LOCATOR) ? "parent locator" : "item " + id.mixedEndian();
  }

  /// Whether it is one of the specification's.
  boolean isKnown() {
    return !name().startsWith("item ");
  }
}
