package dev.platter.format.dmg;

import dev.platter.image.ImageException.Corrupt;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.nio.charset.StandardCharsets;

/// The head of a table of chunks, which is for a partition or for all of the disk.
///
/// @param firstSector where it starts on the disk
/// @param dataOffset added to the offsets of its chunks
record BlockTable(
    Bytes magic,
    long version,
    long firstSector,
    long sectors,
    long dataOffset,
    long buffersNeeded,
    long descriptor,
    Bytes reserved,
    Checksum checksum,
    long chunks) {

  static final Bytes MAGIC = Bytes.of("mish".getBytes(StandardCharsets.US_ASCII));
  static final long VERSION = 1;

  static final Struct<BlockTable> STRUCT =
      Struct.bigEndian(
          "block table",
          new BlockTable(Bytes.zeros(4), 0, 0, 0, 0, 0, 0, Bytes.zeros(24), Checksum.NONE, 0),
          BlockTable::fields);

  private static BlockTable fields(Fields f, BlockTable t) {
    return new BlockTable(
        f.bytes("magic", 4, t.magic),
        f.u32("version", t.version),
        f.u64("firstSector", t.firstSector),
        f.u64("sectors", t.sectors),
        f.u64("dataOffset", t.dataOffset),
        f.u32("buffersNeeded", t.buffersNeeded),
        f.u32("descriptor", t.descriptor),
        f.reserved(24, t.reserved),
        Checksum.fields(f, "checksum", t.checksum),
        f.u32("chunks", t.chunks));
  }

  /// A table of one's own.
  static BlockTable of(long sectors, long buffers, Checksum checksum, long chunks) {
    return new BlockTable(
        MAGIC, VERSION, 0, sectors, 0, buffers, 0, Bytes.zeros(24), checksum, chunks);
  }

  /// Reads a table.
  ///
  /// @param name of the table, for messages
  static BlockTable read(String file, String name, byte[] bytes) throws Corrupt {
    if (bytes.length < STRUCT.size()) {
      throw new Corrupt(file, name + " has " + bytes.length + " bytes, too few for a head");
    }
    BlockTable table = STRUCT.decode(bytes, 0);
    if (!table.magic.equals(MAGIC) || table.version != VERSION) {
      throw new Corrupt(file, name + " starts with " + table.magic + ", version " + table.version);
    }
    int room = (bytes.length - STRUCT.size()) / Chunk.STRUCT.size();
    if (table.chunks > room) {
      throw new Corrupt(file, name + " says " + table.chunks + " chunks, it has room for " + room);
    }
    long most = Long.MAX_VALUE / KolyTrailer.SECTOR;
    if (table.firstSector < 0
        || table.sectors < 0
        || table.firstSector > most
        || table.sectors > most - table.firstSector) {
      throw new Corrupt(
          file,
          name
              + " is for "
              + Long.toUnsignedString(table.sectors)
              + " sectors from "
              + Long.toUnsignedString(table.firstSector));
    }
    return table;
  }
}
