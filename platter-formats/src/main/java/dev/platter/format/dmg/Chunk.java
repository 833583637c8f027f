package dev.platter.format.dmg;

import dev.platter.struct.Fields;
import dev.platter.struct.Struct;

/// An entry of a block table.
///
/// @param firstSector from the start of its table
/// @param offset from the start of the data fork, and the table's own offset
/// @param length stored bytes
record Chunk(long type, long comment, long firstSector, long sectors, long offset, long length) {
  static final Struct<Chunk> STRUCT =
      Struct.bigEndian("chunk", new Chunk(0, 0, 0, 0, 0, 0), Chunk::fields);

  private static Chunk fields(Fields f, Chunk c) {
    return new Chunk(
        f.u32("type", c.type),
        f.u32("comment", c.comment),
        f.u64("firstSector", c.firstSector),
        f.u64("sectors", c.sectors),
        f.u64("offset", c.offset),
        f.u64("length", c.length));
  }
}
