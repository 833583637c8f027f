package dev.platter.format.vdi;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Storage;
import dev.platter.map.BlockMap;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;

/// The header of an image, of whatever version. Little-endian.
///
/// @param text 64 bytes for people, `szFileInfo`
/// @param version major version in the upper half
/// @param headerSize bytes of the header from this field on, `cbHeader`; not in version 0
/// @param type see the constants, `u32Type`
/// @param flags `fFlags`
/// @param comment UTF-8
/// @param mapPosition `offBlocks`; not in version 0, see [#mapStart]
/// @param dataPosition `offData`; not in version 0, see [#dataStart]
/// @param physical `LegacyGeometry`
/// @param translation `u32Dummy`, once the BIOS translation
/// @param size bytes of the disk, `cbDisk`
/// @param blockSize `cbBlock`
/// @param extraSize bytes in front of each block's data, `cbBlockExtra`
/// @param blocks `cBlocks`
/// @param allocated `cBlocksAllocated`: a hint
/// @param identity `uuidCreate`
/// @param modification `uuidModify`
/// @param parent `uuidLinkage`
/// @param parentModification `uuidParentModify`
/// @param logical `LCHSGeometry`; only if the header is at least 400 bytes
record VdiHeader(
    Bytes text,
    long signature,
    long version,
    long headerSize,
    long type,
    long flags,
    Bytes comment,
    long mapPosition,
    long dataPosition,
    VdiGeometry physical,
    long translation,
    long size,
    long blockSize,
    long extraSize,
    long blocks,
    long allocated,
    Bytes identity,
    Bytes modification,
    Bytes parent,
    Bytes parentModification,
    VdiGeometry logical) {

  static final long SIGNATURE = 0xbeda107fL;
  static final int SIGNATURE_POSITION = 64;
  static final long VERSION_0_2 = 2;
  static final long VERSION_1_1 = 0x1_0001;
  static final int TEXT_SIZE = 64;
  static final int COMMENT_SIZE = 256;

  /// Where the field `headerSize` stands, from which the header's size is counted.
  static final int SIZE_FROM = 72;

  /// The smallest header of version 1, and the one with the logical geometry.
  static final int SMALL = 384;

  static final int LARGE = 400;

  static final long DYNAMIC = 1;
  static final long FIXED = 2;
  static final long UNDO = 3;
  static final long DIFFERENCING = 4;

  /// Fill with zeros when expanding, fixed, differencing.
  private static final long KNOWN_FLAGS = 0x3_0100;

  /// The entry of a block that is not in the image.
  static final long FREE_ENTRY = 0xffff_ffffL;

  /// The entry of a block of zeros; entries from here on are no places.
  static final long ZERO_ENTRY = 0xffff_fffeL;

  private static final int LARGEST_BLOCK = 1 << 30;
  private static final int LARGEST_EXTRA = 1 << 29;

  private static final VdiHeader BLANK = blank();

  /// A header of version 1.
  static final Struct<VdiHeader> STRUCT =
      Struct.littleEndian("VDI header", BLANK, VdiHeader::fields);

  /// A header of version 0.2.
  static final Struct<VdiHeader> OLD_STRUCT =
      Struct.littleEndian("VDI header 0.2", BLANK, VdiHeader::oldFields);

  private static VdiHeader blank() {
    Bytes uuid = Bytes.zeros(16);
    return new VdiHeader(
        Bytes.zeros(TEXT_SIZE),
        0,
        0,
        0,
        0,
        0,
        Bytes.zeros(COMMENT_SIZE),
        0,
        0,
        VdiGeometry.BLANK,
        0,
        0,
        0,
        0,
        0,
        0,
        uuid,
        uuid,
        uuid,
        uuid,
        VdiGeometry.BLANK);
  }

  private static VdiHeader fields(Fields f, VdiHeader h) {
    return new VdiHeader(
        f.bytes("text", TEXT_SIZE, h.text),
        f.u32("signature", h.signature),
        f.u32("version", h.version),
        f.u32("headerSize", h.headerSize),
        f.u32("type", h.type),
        f.u32("flags", h.flags),
        f.bytes("comment", COMMENT_SIZE, h.comment),
        f.u32("mapPosition", h.mapPosition),
        f.u32("dataPosition", h.dataPosition),
        VdiGeometry.fields(f, "physical", h.physical),
        f.u32("translation", h.translation),
        f.u64("size", h.size),
        f.u32("blockSize", h.blockSize),
        f.u32("extraSize", h.extraSize),
        f.u32("blocks", h.blocks),
        f.u32("allocated", h.allocated),
        f.bytes("identity", 16, h.identity),
        f.bytes("modification", 16, h.modification),
        f.bytes("parent", 16, h.parent),
        f.bytes("parentModification", 16, h.parentModification),
        VdiGeometry.fields(f, "logical", h.logical));
  }

  private static VdiHeader oldFields(Fields f, VdiHeader h) {
    return new VdiHeader(
        f.bytes("text", TEXT_SIZE, h.text),
        f.u32("signature", h.signature),
        f.u32("version", h.version),
        h.headerSize,
        f.u32("type", h.type),
        f.u32("flags", h.flags),
        f.bytes("comment", COMMENT_SIZE, h.comment),
        h.mapPosition,
        h.dataPosition,
        VdiGeometry.fields(f, "physical", h.physical),
        h.translation,
        f.u64("size", h.size),
        f.u32("blockSize", h.blockSize),
        h.extraSize,
        f.u32("blocks", h.blocks),
        f.u32("allocated", h.allocated),
        f.bytes("identity", 16, h.identity),
        f.bytes("modification", 16, h.modification),
        f.bytes("parent", 16, h.parent),
        h.parentModification,
        h.logical);
  }

  /// The header of the same image with a disk of another size.
  VdiHeader resized(long bytes, long count, long taken, Tables at) {
    return new VdiHeader(
        text,
        signature,
        version,
        headerSize,
        type,
        flags,
        comment,
        at.map,
        at.data,
        physical.fitting(bytes),
        translation,
        bytes,
        blockSize,
        extraSize,
        count,
        taken,
        identity,
        modification,
        parent,
        parentModification,
        logical.fitting(bytes));
  }

  /// Where map and data start.
  record Tables(long map, long data) {}

  /// Reads a header without judging it.
  static VdiHeader read(Storage storage) throws IOException {
    VdiHeader header = STRUCT.read(storage, 0);
    return header.isOld() ? OLD_STRUCT.read(storage, 0) : header;
  }

  /// Whether this is version 0.2, whose header has fewer fields.
  boolean isOld() {
    return version == VERSION_0_2;
  }

  /// How the header stands on disk.
  Struct<VdiHeader> struct() {
    return isOld() ? OLD_STRUCT : STRUCT;
  }

  /// Bytes of the header from the file's start on.
  long end() {
    return isOld() ? OLD_STRUCT.size() : SIZE_FROM + headerSize;
  }

  /// Whether the header has a logical geometry.
  boolean isLarge() {
    return !isOld() && headerSize >= LARGE;
  }

  /// Where the map starts.
  long mapStart() {
    return isOld() ? OLD_STRUCT.size() : mapPosition;
  }

  /// Bytes of the map.
  long mapSize() {
    return 4 * blocks;
  }

  /// Where place 0 starts.
  long dataStart() {
    return isOld() ? OLD_STRUCT.size() + mapSize() : dataPosition;
  }

  /// Bytes from a place to the next one.
  long stride() {
    return blockSize + extraSize;
  }

  /// Where a place starts, its extra bytes included.
  long place(long number) {
    return dataStart() + number * stride();
  }

  /// The position of the data of a block with this entry, or a mark of [BlockMap].
  long meaning(long entry) {
    if (entry < ZERO_ENTRY) {
      return place(entry) + extraSize;
    }
    return entry == ZERO_ENTRY ? BlockMap.ZERO : BlockMap.UNALLOCATED;
  }

  /// Whether a parent shows through.
  boolean hasParent() {
    return !parent.isZero();
  }

  /// `1.1` and so on.
  String versionText() {
    return (version >>> 16) + "." + (version & 0xffff);
  }

  /// The word for [#type].
  String variant() {
    return switch ((int) type) {
      case (int) DYNAMIC -> "dynamic";
      case (int) FIXED -> "fixed";
      case (int) UNDO -> "undo";
      case (int) DIFFERENCING -> "differencing";
      default -> "unknown";
    };
  }

  /// Checks what the rest of the package takes for granted.
  ///
  /// @param purpose for a check, missing identities are findings
  VdiHeader checked(Storage storage, Limits limits, Purpose purpose) throws IOException {
    String file = storage.name();
    require(signature == SIGNATURE, file, "signature", signature);
    if (!isOld() && version >>> 16 != 1) {
      throw new ImageException.Unsupported(
          file, "VDI version " + versionText() + " at 68; 0.2 and 1.x are known");
    }
    long shortest = isOld() ? OLD_STRUCT.size() : SIZE_FROM + SMALL;
    if (storage.size() < shortest) {
      throw new ImageException.Corrupt(
          file, "ends at " + storage.size() + ", within the VDI header of " + shortest + " bytes");
    }
    require(isOld() || headerSize >= SMALL, file, "headerSize", headerSize);
    require(type >= DYNAMIC && type <= DIFFERENCING, file, "type", type);
    if ((flags & ~KNOWN_FLAGS) != 0) {
      throw new ImageException.Unsupported(
          file, "VDI flags 0x" + Long.toHexString(flags) + " at " + struct().offset("flags"));
    }
    checkBlocks(file);
    checkPositions(file, storage.size(), limits);
    if (purpose == Purpose.DATA) {
      require(!identity.isZero(), file, "identity", 0);
      require(!modification.isZero(), file, "modification", 0);
      require(type != DIFFERENCING || hasParent(), file, "parent", 0);
    }
    return this;
  }

  private void checkBlocks(String file) throws ImageException {
    require(size >= 0 && size <= Long.MAX_VALUE - LARGEST_BLOCK, file, "size", size);
    require(blockSize >= 512 && Long.bitCount(blockSize) == 1, file, "blockSize", blockSize);
    if (blockSize > LARGEST_BLOCK) {
      throw new ImageException.Unsupported(
          file, "VDI block size " + blockSize + ", the largest known is " + LARGEST_BLOCK);
    }
    require(
        extraSize <= LARGEST_EXTRA && Long.bitCount(extraSize) <= 1, file, "extraSize", extraSize);
    require((size + blockSize - 1) / blockSize <= blocks, file, "blocks", blocks);
    require(blocks < ZERO_ENTRY, file, "blocks", blocks);
  }

  private void checkPositions(String file, long fileSize, Limits limits) throws ImageException {
    Limits.check(file, "bytes of the block map", mapSize(), limits.tables());
    require(mapStart() >= (isOld() ? 0 : SIZE_FROM + SMALL), file, "mapPosition", mapPosition);
    require(mapStart() + mapSize() <= fileSize, file, "blocks", blocks);
    require(dataStart() >= mapStart() + mapSize(), file, "dataPosition", dataPosition);
  }

  private void require(boolean holds, String file, String field, long value)
      throws ImageException.Corrupt {
    if (!holds) {
      throw new ImageException.Corrupt(
          file,
          "VDI header field "
              + field
              + " at "
              + struct().offset(field)
              + " is "
              + Long.toUnsignedString(value)
              + (field.equals("signature") ? " instead of " + SIGNATURE : ", which cannot be"));
    }
  }
}
