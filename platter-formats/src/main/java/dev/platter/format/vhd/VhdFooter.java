package dev.platter.format.vhd;

import dev.platter.image.ImageException;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

/// The last sector of every image, and the first one too of those with blocks. Big-endian.
///
/// @param cookie `conectix`
/// @param features bit 0 a temporary disk, bit 1 always set
/// @param version of the file format, 1.0
/// @param dataOffset where the dynamic header is; all ones in a fixed image
/// @param timestamp seconds since 2000-01-01 UTC: when the image was made
/// @param creator four characters of the program that made it
/// @param creatorVersion its version, major in the upper half
/// @param creatorHost `Wi2k` or `Mac `
/// @param originalSize bytes of the disk when it was made
/// @param currentSize bytes of the disk; see [#size]
/// @param cylinders of the disk geometry
/// @param heads of the disk geometry
/// @param sectors a track, of the disk geometry
/// @param type see the constants
/// @param checksum see [#computed]
/// @param identity `Unique Id`
/// @param savedState 1 if a machine that uses the disk is suspended
/// @param reserved zeros
record VhdFooter(
    Bytes cookie,
    long features,
    long version,
    long dataOffset,
    long timestamp,
    Bytes creator,
    long creatorVersion,
    Bytes creatorHost,
    long originalSize,
    long currentSize,
    int cylinders,
    int heads,
    int sectors,
    long type,
    long checksum,
    Bytes identity,
    int savedState,
    Bytes reserved) {

  static final int SIZE = 512;
  static final int SECTOR = 512;

  /// Versions before Virtual PC 2004 wrote a footer that ends a byte earlier.
  static final int OLD_SIZE = 511;

  static final Bytes COOKIE = Bytes.text("conectix", 8);
  static final long FEATURES = 2;
  static final long VERSION = 0x1_0000;
  static final long FIXED = 2;
  static final long DYNAMIC = 3;
  static final long DIFFERENCING = 4;

  /// The largest disk, `0xff000000` sectors.
  static final long LARGEST_DISK = 2040L << 30;

  /// The epoch of every timestamp in the format.
  static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  private static final int RESERVED = 427;

  static final Struct<VhdFooter> STRUCT =
      Struct.bigEndian("VHD footer", blank(), VhdFooter::fields);

  private static VhdFooter blank() {
    Bytes four = Bytes.zeros(4);
    return new VhdFooter(
        Bytes.zeros(8),
        0,
        0,
        0,
        0,
        four,
        0,
        four,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        Bytes.zeros(16),
        0,
        Bytes.zeros(RESERVED));
  }

  private static VhdFooter fields(Fields f, VhdFooter v) {
    return new VhdFooter(
        f.bytes("cookie", 8, v.cookie),
        f.u32("features", v.features),
        f.u32("version", v.version),
        f.u64("dataOffset", v.dataOffset),
        f.u32("timestamp", v.timestamp),
        f.bytes("creator", 4, v.creator),
        f.u32("creatorVersion", v.creatorVersion),
        f.bytes("creatorHost", 4, v.creatorHost),
        f.u64("originalSize", v.originalSize),
        f.u64("currentSize", v.currentSize),
        f.u16("cylinders", v.cylinders),
        f.u8("heads", v.heads),
        f.u8("sectors", v.sectors),
        f.u32("type", v.type),
        f.u32("checksum", v.checksum),
        f.bytes("identity", 16, v.identity),
        f.u8("savedState", v.savedState),
        f.reserved(RESERVED, v.reserved));
  }

  /// The footer's bytes.
  byte[] encode() {
    return STRUCT.encode(this);
  }

  /// The same with a checksum that is right.
  VhdFooter sealed() {
    return new VhdFooter(
        cookie,
        features,
        version,
        dataOffset,
        timestamp,
        creator,
        creatorVersion,
        creatorHost,
        originalSize,
        currentSize,
        cylinders,
        heads,
        sectors,
        type,
        computed(),
        identity,
        savedState,
        reserved);
  }

  /// The same with another description; the checksum is not right any more.
  VhdFooter described(Bytes newIdentity, VhdGeometry geometry, long header, long newType) {
    return new VhdFooter(
        cookie,
        features,
        version,
        header,
        timestamp,
        creator,
        creatorVersion,
        creatorHost,
        originalSize,
        currentSize,
        geometry.cylinders(),
        geometry.heads(),
        geometry.sectors(),
        newType,
        checksum,
        newIdentity,
        savedState,
        reserved);
  }

  /// What the checksum must be.
  long computed() {
    return checksum(STRUCT.encode(this), STRUCT.offset("checksum"));
  }

  /// The complement of the sum of all bytes but those of the checksum itself.
  ///
  /// @param at where the checksum stands
  static long checksum(byte[] bytes, int at) {
    long sum = 0;
    for (int i = 0; i < bytes.length; i++) {
      sum += i < at || i >= at + 4 ? bytes[i] & 0xff : 0;
    }
    return ~sum & 0xffff_ffffL;
  }

  /// Whether this is a footer at all.
  boolean hasCookie() {
    return cookie.equals(COOKIE);
  }

  /// Whether this is a footer and none of its bits has changed.
  boolean isSound() {
    return hasCookie() && checksum == computed();
  }

  /// Whether the image has blocks, and this footer at its start too.
  boolean hasBlocks() {
    return type == DYNAMIC || type == DIFFERENCING;
  }

  /// Bytes of the disk.
  ///
  /// Virtual PC, and QEMU unless it was told `force_size`, make disks as large as their geometry;
  /// everybody else makes them as large as the footer says, which all readers believe too if the
  /// geometry is the largest there is.
  long size() {
    return sizeByGeometry() ? geometry().total() * SECTOR : currentSize & -SECTOR;
  }

  /// Whether the disk is as large as its geometry says.
  boolean sizeByGeometry() {
    VhdGeometry geometry = geometry();
    return geometry.total() > 0
        && !geometry.equals(VhdGeometry.LARGEST)
        && (creatorText().equals("vpc ") || creatorText().equals("qemu"));
  }

  /// The disk geometry.
  VhdGeometry geometry() {
    return new VhdGeometry(cylinders, heads, sectors);
  }

  /// Who made the image.
  String creatorText() {
    return creator.text(StandardCharsets.ISO_8859_1);
  }

  /// Which image this is.
  UUID uuid() {
    return identity.mixedEndian();
  }

  /// The word for [#type].
  String variant() {
    return switch ((int) type) {
      case (int) FIXED -> "fixed";
      case (int) DYNAMIC -> "dynamic";
      case (int) DIFFERENCING -> "differencing";
      default -> "unknown";
    };
  }

  /// A time as the format has it.
  static Instant time(long timestamp) {
    return EPOCH.plusSeconds(timestamp);
  }

  /// A timestamp of the format, as near as it comes.
  static long timestamp(Instant time) {
    return Math.clamp(time.getEpochSecond() - EPOCH.getEpochSecond(), 0, 0xffff_ffffL);
  }

  /// Checks what the rest of the package takes for granted, but not the checksum.
  VhdFooter checked(String file, long position) throws ImageException {
    if (version >>> 16 != 1) {
      throw new ImageException.Unsupported(
          file,
          "VHD version 0x"
              + Long.toHexString(version)
              + " at "
              + at("version", position)
              + "; 1.x is known");
    }
    if (type != FIXED && !hasBlocks()) {
      throw new ImageException.Unsupported(
          file, "VHD disk type " + type + " at " + at("type", position) + "; 2, 3 and 4 are known");
    }
    if (size() < 0 || size() > LARGEST_DISK) {
      throw new ImageException.Unsupported(
          file,
          "VHD disk of "
              + Long.toUnsignedString(size())
              + " bytes, at "
              + at("currentSize", position)
              + ", is over the format's limit of 2040 GiB");
    }
    return this;
  }

  private static long at(String field, long position) {
    return position + STRUCT.offset(field);
  }
}
