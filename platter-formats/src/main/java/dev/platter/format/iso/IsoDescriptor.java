package dev.platter.format.iso;

import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// What all descriptors of the volume recognition sequence begin with.
///
/// @param type what it is; of ISO 9660 alone
/// @param id which standard it belongs to
/// @param version of the descriptor
record IsoDescriptor(int type, Bytes id, int version) {
  static final int BOOT = 0;
  static final int PRIMARY = 1;
  static final int SUPPLEMENTARY = 2;
  static final int PARTITION = 3;
  static final int TERMINATOR = 255;

  static final Struct<IsoDescriptor> STRUCT =
      Struct.littleEndian(
          "descriptor", new IsoDescriptor(0, Bytes.zeros(5), 0), IsoDescriptor::fields);

  private static IsoDescriptor fields(Fields f, IsoDescriptor d) {
    return new IsoDescriptor(
        f.u8("type", d.type), f.bytes("id", 5, d.id), f.u8("version", d.version));
  }

  static IsoDescriptor read(Storage storage, long position) throws IOException {
    return STRUCT.read(storage, position);
  }

  /// The standard that it belongs to.
  String standard() {
    return id.text(StandardCharsets.ISO_8859_1);
  }

  /// A descriptor of ISO 9660.
  boolean isIso() {
    return standard().equals("CD001") && (version == 1 || version == 2);
  }

  /// A descriptor of UDF or of the extended area around it (ECMA-167, part 2, section 9, and part
  /// 3, section 9.1).
  boolean isExtended() {
    return switch (standard()) {
      case "BEA01", "NSR02", "NSR03", "TEA01", "BOOT2", "CDW02" -> true;
      default -> false;
    };
  }

  /// What it is, in words.
  String kind() {
    if (!isIso()) {
      return standard();
    }
    return switch (type) {
      case BOOT -> "boot record";
      case PRIMARY -> "primary volume descriptor";
      case SUPPLEMENTARY -> "supplementary volume descriptor";
      case PARTITION -> "partition descriptor";
      case TERMINATOR -> "end of volume descriptors";
      default -> "descriptor of type " + type;
    };
  }
}
