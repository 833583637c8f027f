package dev.platter.format.vhdx;

import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.util.UUID;

/// A region of the file: an entry of a region table.
///
/// @param id what it is, `Guid`
/// @param offset where it starts, a multiple of a MiB, `FileOffset`
/// @param length bytes, a multiple of a MiB
/// @param required 1 if who does not know it must not open the image
record VhdxRegion(Bytes id, long offset, long length, long required) {
  static final Bytes BAT =
      Bytes.mixedEndian(UUID.fromString("2dc27766-f623-4200-9d64-115e9bfd4a08"));
  static final Bytes METADATA =
      Bytes.mixedEndian(UUID.fromString("8b7ca206-4790-4b9a-b8fe-575f050f886e"));

  static final Struct<VhdxRegion> STRUCT =
      Struct.littleEndian(
          "region", new VhdxRegion(VhdxHeader.NO_GUID, 0, 0, 0), VhdxRegion::fields);

  private static VhdxRegion fields(Fields f, VhdxRegion v) {
    return new VhdxRegion(
        f.bytes("id", 16, v.id),
        f.u64("offset", v.offset),
        f.u32("length", v.length),
        f.u32("required", v.required));
  }

  /// The position behind it.
  long end() {
    return offset + length;
  }

  /// What to call it.
  String name() {
    if (id.equals(BAT)) {
      return "BAT";
    }
    return id.equals(METADATA) ? "metadata" : "region " + id.mixedEndian();
  }
}
