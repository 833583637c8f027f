package dev.platter.format.parallels;

import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;

/// The start of a dirty bitmap's data: which sectors have changed since a backup. A table of eight
/// bytes for each cluster of the bitmap follows. Little-endian.
///
/// @param sectors of the disk
/// @param id of the backup
/// @param granularity sectors of a bit
/// @param entries of the table, `l1_size`
record ParallelsBitmap(long sectors, Bytes id, long granularity, long entries) {
  static final Struct<ParallelsBitmap> STRUCT =
      Struct.littleEndian(
          "bitmap", new ParallelsBitmap(0, Bytes.zeros(16), 0, 0), ParallelsBitmap::fields);

  private static ParallelsBitmap fields(Fields f, ParallelsBitmap b) {
    return new ParallelsBitmap(
        f.u64("sectors", b.sectors),
        f.bytes("id", 16, b.id),
        f.u32("granularity", b.granularity),
        f.u32("entries", b.entries));
  }
}
