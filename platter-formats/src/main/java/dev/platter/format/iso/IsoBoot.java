package dev.platter.format.iso;

import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.nio.charset.StandardCharsets;

/// A boot record, with the field that El Torito has in it ("El Torito" 1.0, figure 7).
///
/// @param type 0
/// @param id `CD001`
/// @param version 1
/// @param system which system boots from it (Boot System Identifier)
/// @param boot more about it (Boot Identifier)
/// @param catalog block of El Torito's boot catalog
record IsoBoot(int type, Bytes id, int version, Bytes system, Bytes boot, long catalog) {
  static final Struct<IsoBoot> STRUCT =
      Struct.littleEndian(
          "boot record",
          new IsoBoot(0, Bytes.zeros(5), 0, Bytes.zeros(32), Bytes.zeros(32), 0),
          IsoBoot::fields);

  private static IsoBoot fields(Fields f, IsoBoot b) {
    return new IsoBoot(
        f.u8("type", b.type),
        f.bytes("id", 5, b.id),
        f.u8("version", b.version),
        f.bytes("system", 32, b.system),
        f.bytes("boot", 32, b.boot),
        f.u32("catalog", b.catalog));
  }

  /// Whether the catalog is El Torito's.
  boolean isElTorito() {
    return system.text(StandardCharsets.ISO_8859_1).equals("EL TORITO SPECIFICATION");
  }
}
