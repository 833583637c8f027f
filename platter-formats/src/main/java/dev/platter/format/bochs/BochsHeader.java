package dev.platter.format.bochs;

import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat.Probe;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// The header (Bochs developers guide, section "Harddisk redologs"). Version 1 has no timestamp,
/// and the size in its place.
///
/// @param signature `Bochs Virtual HD Image`
/// @param type `Redolog`
/// @param subtype `Growing`, `Undoable` or `Volatile`
/// @param version 0x10000 or 0x20000
/// @param headerSize bytes; the catalog is behind them
/// @param catalogEntries extents that the disk can have
/// @param bitmapBytes of an extent's bitmap
/// @param extentBytes of the disk in an extent
/// @param timestamp of the disk below an undoable one
/// @param size bytes of the disk
record BochsHeader(
    Bytes signature,
    Bytes type,
    Bytes subtype,
    long version,
    long headerSize,
    long catalogEntries,
    long bitmapBytes,
    long extentBytes,
    long timestamp,
    long size) {
  static final long VERSION_1 = 0x10000;
  static final long VERSION_2 = 0x20000;
  static final int SECTOR = 512;

  private static final String SIGNATURE = "Bochs Virtual HD Image";
  private static final String REDOLOG = "Redolog";
  private static final String GROWING = "Growing";

  /// More than any writer makes; QEMU takes up to 8 MiB.
  private static final long LARGEST_EXTENT = 64 << 20;

  static final Struct<BochsHeader> STRUCT =
      Struct.littleEndian(
          "header",
          new BochsHeader(Bytes.zeros(32), Bytes.zeros(16), Bytes.zeros(16), 0, 0, 0, 0, 0, 0, 0),
          BochsHeader::fields);

  private static BochsHeader fields(Fields f, BochsHeader h) {
    Bytes signature = f.bytes("signature", 32, h.signature);
    Bytes type = f.bytes("type", 16, h.type);
    Bytes subtype = f.bytes("subtype", 16, h.subtype);
    long version = f.u32("version", h.version);
    return new BochsHeader(
        signature,
        type,
        subtype,
        version,
        f.u32("headerSize", h.headerSize),
        f.u32("catalogEntries", h.catalogEntries),
        f.u32("bitmapBytes", h.bitmapBytes),
        f.u32("extentBytes", h.extentBytes),
        version == VERSION_1 ? 0 : f.u32("timestamp", h.timestamp),
        f.u64("size", h.size));
  }

  static Probe claims(Storage storage) throws IOException {
    BochsHeader header = STRUCT.read(storage, 0);
    if (!text(header.signature).equals(SIGNATURE)) {
      return new Probe.NotMine();
    }
    if (storage.size() < SECTOR) {
      return new Probe.Broken("it has " + storage.size() + " bytes, its header has " + SECTOR);
    }
    return text(header.type).equals(REDOLOG)
        ? new Probe.Mine()
        : new Probe.Broken("its type is not " + REDOLOG);
  }

  /// Reads the header and checks it.
  static BochsHeader read(Storage storage, Limits limits) throws IOException {
    BochsHeader header = STRUCT.read(storage, 0);
    String name = storage.name();
    if (!text(header.signature).equals(SIGNATURE) || !text(header.type).equals(REDOLOG)) {
      throw new ImageException.Corrupt(name, "does not begin as a redolog of Bochs");
    }
    if (header.version != VERSION_1 && header.version != VERSION_2) {
      throw new ImageException.Unsupported(
          name, "has version 0x" + Long.toHexString(header.version) + " of Bochs' redolog");
    }
    Limits.check(name, "bytes of the catalog", 4 * header.catalogEntries, limits.tables());
    header.check(name, storage.size());
    return header;
  }

  private void check(String name, long fileSize) throws ImageException {
    require(headerSize >= STRUCT.size() && headerSize % 4 == 0, name, "headerSize", headerSize);
    require(headerSize <= fileSize, name, "headerSize", headerSize);
    require(4 * catalogEntries <= fileSize - headerSize, name, "catalogEntries", catalogEntries);
    require(
        extentBytes >= SECTOR && extentBytes % SECTOR == 0 && extentBytes <= LARGEST_EXTENT,
        name,
        "extentBytes",
        extentBytes);
    require(
        bitmapBytes * 8 >= extentBytes / SECTOR && bitmapBytes <= extentBytes,
        name,
        "bitmapBytes",
        bitmapBytes);
    boolean fits = size >= 0 && size % SECTOR == 0 && size <= catalogEntries * extentBytes;
    require(fits, name, "size", size);
  }

  private void require(boolean good, String name, String field, long value)
      throws ImageException.Corrupt {
    if (!good) {
      int position = field.equals("size") && version == VERSION_1 ? 84 : STRUCT.offset(field);
      throw new ImageException.Corrupt(
          name,
          "has "
              + field
              + " "
              + Long.toUnsignedString(value)
              + " at position "
              + position
              + ", which does not fit the rest of the image");
    }
  }

  static String text(Bytes field) {
    return field.text(StandardCharsets.ISO_8859_1);
  }

  /// Whether the image is a disk of its own. Others are changes of a disk that they do not name.
  boolean isGrowing() {
    return text(subtype).equals(GROWING);
  }

  /// Where extents start.
  long dataPosition() {
    return headerSize + 4 * catalogEntries;
  }

  /// Bytes in the file of a bitmap.
  long bitmapRoom() {
    return (bitmapBytes + SECTOR - 1) / SECTOR * SECTOR;
  }

  /// Bytes in the file of a bitmap and its extent.
  long room() {
    return bitmapRoom() + extentBytes;
  }
}
