package dev.platter.format.vhd;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The header of an image that has blocks, where the footer's `dataOffset` says. Big-endian.
///
/// @param cookie `cxsparse`
/// @param dataOffset not used, all ones
/// @param tableOffset where the block allocation table starts
/// @param version of the header, 1.0
/// @param entries of the table, `Max Table Entries`
/// @param blockSize bytes of a block without its bitmap
/// @param checksum like the footer's
/// @param parentIdentity `Parent Unique ID`
/// @param parentTimestamp when the parent's file was changed last
/// @param reserved zero
/// @param parentName `Parent Unicode Name`, UTF-16 with the upper byte first
/// @param locators eight of them
/// @param tail zeros
record VhdDynamicHeader(
    Bytes cookie,
    long dataOffset,
    long tableOffset,
    long version,
    long entries,
    long blockSize,
    long checksum,
    Bytes parentIdentity,
    long parentTimestamp,
    long reserved,
    Bytes parentName,
    List<VhdLocator> locators,
    Bytes tail) {

  static final int SIZE = 1024;
  static final Bytes COOKIE = Bytes.text("cxsparse", 8);
  static final long VERSION = 0x1_0000;
  static final int LOCATORS = 8;
  static final int NAME_SIZE = 512;
  static final int TAIL = 256;

  /// The entry of a block that is not in the image.
  static final long FREE_ENTRY = 0xffff_ffffL;

  static final Struct<VhdDynamicHeader> STRUCT =
      Struct.bigEndian("VHD dynamic header", blank(), VhdDynamicHeader::fields);

  private static VhdDynamicHeader blank() {
    return new VhdDynamicHeader(
        Bytes.zeros(8),
        0,
        0,
        0,
        0,
        0,
        0,
        Bytes.zeros(16),
        0,
        0,
        Bytes.zeros(NAME_SIZE),
        java.util.Collections.nCopies(LOCATORS, VhdLocator.NONE),
        Bytes.zeros(TAIL));
  }

  private static VhdDynamicHeader fields(Fields f, VhdDynamicHeader v) {
    return new VhdDynamicHeader(
        f.bytes("cookie", 8, v.cookie),
        f.u64("dataOffset", v.dataOffset),
        f.u64("tableOffset", v.tableOffset),
        f.u32("version", v.version),
        f.u32("entries", v.entries),
        f.u32("blockSize", v.blockSize),
        f.u32("checksum", v.checksum),
        f.bytes("parentIdentity", 16, v.parentIdentity),
        f.u32("parentTimestamp", v.parentTimestamp),
        f.u32("reserved", v.reserved),
        f.bytes("parentName", NAME_SIZE, v.parentName),
        locators(f, v.locators),
        f.bytes("tail", TAIL, v.tail));
  }

  private static List<VhdLocator> locators(Fields f, List<VhdLocator> values) {
    List<VhdLocator> locators = new ArrayList<>();
    for (int i = 0; i < LOCATORS; i++) {
      locators.add(VhdLocator.fields(f, "locator" + i, values.get(i)));
    }
    return List.copyOf(locators);
  }

  /// The same with a checksum that is right.
  VhdDynamicHeader sealed() {
    return new VhdDynamicHeader(
        cookie,
        dataOffset,
        tableOffset,
        version,
        entries,
        blockSize,
        computed(),
        parentIdentity,
        parentTimestamp,
        reserved,
        parentName,
        locators,
        tail);
  }

  /// The same with another parent; the checksum is not right any more.
  VhdDynamicHeader with(Bytes identity, VhdParent parent) {
    return new VhdDynamicHeader(
        cookie,
        dataOffset,
        tableOffset,
        version,
        entries,
        blockSize,
        checksum,
        identity,
        parent.timestamp(),
        reserved,
        parent.name(),
        parent.locators(),
        tail);
  }

  /// What the checksum must be.
  long computed() {
    return VhdFooter.checksum(STRUCT.encode(this), STRUCT.offset("checksum"));
  }

  /// Whether none of its bits has changed.
  boolean isSound() {
    return cookie.equals(COOKIE) && checksum == computed();
  }

  /// The parent's name; none if there is none.
  Optional<String> parentNameText() {
    return VhdLocator.decode(parentName.toArray(), StandardCharsets.UTF_16BE);
  }

  /// Bytes of the bitmap in front of each block: a bit a sector, whole sectors.
  int bitmapSize() {
    long bytes = (blockSize / VhdFooter.SECTOR + 7) / 8;
    return (int) ((bytes + VhdFooter.SECTOR - 1) & -VhdFooter.SECTOR);
  }

  /// Bytes of a block with its bitmap.
  long stride() {
    return bitmapSize() + blockSize;
  }

  /// Bytes of the table, whole sectors.
  long tableSize() {
    return (4 * entries + VhdFooter.SECTOR - 1) & -VhdFooter.SECTOR;
  }

  /// Checks what the rest of the package takes for granted, but not the checksum.
  ///
  /// @param position where the header stands
  VhdDynamicHeader checked(String file, long position, VhdFooter footer, Limits limits, long end)
      throws ImageException {
    require(cookie.equals(COOKIE), file, position, "cookie", cookie.toString());
    if (version >>> 16 != 1) {
      throw new ImageException.Unsupported(
          file, "VHD header version 0x" + Long.toHexString(version) + "; 1.x is known");
    }
    boolean wholeBlocks = blockSize >= VhdFooter.SECTOR && Long.bitCount(blockSize) == 1;
    require(wholeBlocks, file, position, "blockSize", Long.toString(blockSize));
    Limits.check(file, "bytes of the block allocation table", 4 * entries, limits.tables());
    long needed = (footer.size() + blockSize - 1) / blockSize;
    require(entries >= needed, file, position, "entries", Long.toString(entries));
    boolean inFile =
        tableOffset >= VhdFooter.SIZE
            && tableOffset % VhdFooter.SECTOR == 0
            && tableOffset <= end - 4 * needed;
    require(inFile, file, position, "tableOffset", Long.toUnsignedString(tableOffset));
    boolean apart = tableOffset >= position + SIZE || tableOffset + 4 * entries <= position;
    require(apart, file, position, "tableOffset", Long.toUnsignedString(tableOffset));
    return this;
  }

  private static void require(boolean holds, String file, long position, String field, String value)
      throws ImageException.Corrupt {
    if (!holds) {
      throw new ImageException.Corrupt(
          file,
          "VHD dynamic header field "
              + field
              + " at "
              + (position + STRUCT.offset(field))
              + " is "
              + value
              + ", which cannot be");
    }
  }
}
