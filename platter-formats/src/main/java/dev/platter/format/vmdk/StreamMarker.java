package dev.platter.format.vmdk;

import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.util.Arrays;

/// The sector in front of a table, a directory or a footer in a stream, so that a reader who cannot
/// go back knows what comes.
///
/// @param sectors sectors of what follows
/// @param size 0; a grain has its bytes here
/// @param kind what follows
record StreamMarker(long sectors, long size, long kind) {
  static final int END = 0;
  static final int TABLE = 1;
  static final int DIRECTORY = 2;
  static final int FOOTER = 3;

  static final Struct<StreamMarker> STRUCT =
      Struct.littleEndian("marker", new StreamMarker(0, 0, 0), StreamMarker::fields);

  private static StreamMarker fields(Fields f, StreamMarker m) {
    return new StreamMarker(
        f.u64("sectors", m.sectors), f.u32("size", m.size), f.u32("kind", m.kind));
  }

  /// A whole sector.
  static byte[] sector(long sectors, int kind) {
    byte[] bytes = STRUCT.encode(new StreamMarker(sectors, 0, kind));
    return Arrays.copyOf(bytes, SparseHeader.SECTOR);
  }
}
