package dev.platter.format.vhd;

import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;

/// XenServer's header of a map with a bit for each block all of whose sectors are in the image. It
/// stands in the sector behind the block allocation table. Big-endian.
///
/// @param cookie `tdbatmap`
/// @param offset where the map starts
/// @param mapSectors sectors of the map
/// @param version 1.1, or 1.2 whose checksum counts bytes without sign
/// @param checksum the complement of the sum of the map's bytes
/// @param marker 1 if the image was closed properly
/// @param reserved zeros
record VhdBatmapHeader(
    Bytes cookie,
    long offset,
    long mapSectors,
    long version,
    long checksum,
    int marker,
    Bytes reserved) {

  static final int SIZE = 512;
  static final Bytes COOKIE = Bytes.text("tdbatmap", 8);
  static final long SIGNED = 0x1_0001;
  static final long NEWEST = 0x1_0002;
  private static final int RESERVED = 483;

  static final Struct<VhdBatmapHeader> STRUCT =
      Struct.bigEndian(
          "batmap header",
          new VhdBatmapHeader(Bytes.zeros(8), 0, 0, 0, 0, 0, Bytes.zeros(RESERVED)),
          VhdBatmapHeader::fields);

  private static VhdBatmapHeader fields(Fields f, VhdBatmapHeader v) {
    return new VhdBatmapHeader(
        f.bytes("cookie", 8, v.cookie),
        f.u64("offset", v.offset),
        f.u32("mapSectors", v.mapSectors),
        f.u32("version", v.version),
        f.u32("checksum", v.checksum),
        f.u8("marker", v.marker),
        f.reserved(RESERVED, v.reserved));
  }

  VhdBatmapHeader withChecksum(long value) {
    return new VhdBatmapHeader(cookie, offset, mapSectors, version, value, marker, reserved);
  }
}
