package dev.platter.format.iso;

import dev.platter.io.Storage;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;

/// Where the descriptors of a UDF volume are: behind the tag of the anchor in block 256 (ECMA-167,
/// part 3, section 10.2).
///
/// @param mainLength bytes of the descriptors
/// @param mainBlock where they start
/// @param reserveLength bytes of their copy
/// @param reserveBlock where that starts
record UdfAnchor(long mainLength, long mainBlock, long reserveLength, long reserveBlock) {
  /// The block of the anchor (UDF 2.60, section 2.2.3).
  static final long BLOCK = 256;

  static final Struct<UdfAnchor> STRUCT =
      Struct.littleEndian("anchor", new UdfAnchor(0, 0, 0, 0), UdfAnchor::fields);

  private static UdfAnchor fields(Fields f, UdfAnchor a) {
    return new UdfAnchor(
        f.u32("mainLength", a.mainLength),
        f.u32("mainBlock", a.mainBlock),
        f.u32("reserveLength", a.reserveLength),
        f.u32("reserveBlock", a.reserveBlock));
  }

  /// Whether there is one, with blocks of 2048 bytes: hard disks have others.
  static boolean isThere(Storage storage) throws IOException {
    UdfTag tag = UdfTag.read(storage, BLOCK);
    return tag.type() == UdfTag.ANCHOR && tag.valid(BLOCK);
  }

  static UdfAnchor read(Storage storage) throws IOException {
    return STRUCT.read(storage, position());
  }

  /// Where its fields start.
  static long position() {
    return BLOCK * IsoVolumes.BLOCK + UdfTag.STRUCT.size();
  }
}
