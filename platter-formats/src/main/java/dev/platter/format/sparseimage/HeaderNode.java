package dev.platter.format.sparseimage;

import dev.platter.image.ImageException;
import dev.platter.image.ImageException.Corrupt;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.nio.charset.StandardCharsets;

/// The start of an image; the numbers of 1008 bands follow, and then these bands.
///
/// @param sectorsLow the lower half of `sectors`
/// @param next where the next node is, 0 if there is none
record HeaderNode(
    Bytes magic,
    long version,
    long sectorsPerBand,
    long flags,
    long sectorsLow,
    long next,
    long sectors,
    Bytes reserved) {

  static final Bytes MAGIC = Bytes.of("sprs".getBytes(StandardCharsets.US_ASCII));
  static final int SECTOR = 512;

  /// Bytes of a node with its numbers of bands.
  static final int NODE = 4096;

  private static final long VERSION = 3;
  private static final long MOST_SECTORS = (1 << 30) / SECTOR;

  static final Struct<HeaderNode> STRUCT =
      Struct.bigEndian(
          "header node",
          new HeaderNode(Bytes.zeros(4), 0, 0, 0, 0, 0, 0, Bytes.zeros(28)),
          HeaderNode::fields);

  private static HeaderNode fields(Fields f, HeaderNode h) {
    return new HeaderNode(
        f.bytes("magic", 4, h.magic),
        f.u32("version", h.version),
        f.u32("sectorsPerBand", h.sectorsPerBand),
        f.u32("flags", h.flags),
        f.u32("sectorsLow", h.sectorsLow),
        f.u64("next", h.next),
        f.u64("sectors", h.sectors),
        f.reserved(28, h.reserved));
  }

  /// Bytes of a band.
  int band() {
    return (int) (sectorsPerBand * SECTOR);
  }

  /// Bytes of the disk.
  long size() {
    return (sectors == 0 ? sectorsLow : sectors) * SECTOR;
  }

  /// Checks what the rest of the package takes for granted.
  HeaderNode checked(String file) throws ImageException {
    if (!magic.equals(MAGIC)) {
      throw new Corrupt(file, "starts with " + magic + " instead of " + MAGIC);
    }
    if (version != VERSION) {
      throw new ImageException.Unsupported(
          file, "has version " + version + " at 4, which is not known, only 3");
    }
    if (sectorsPerBand < 1 || sectorsPerBand > MOST_SECTORS) {
      throw new Corrupt(file, "has bands of " + sectorsPerBand + " sectors at 8");
    }
    if (sectors < 0 || sectors > Long.MAX_VALUE / SECTOR) {
      throw new Corrupt(file, "has " + Long.toUnsignedString(sectors) + " sectors at 28");
    }
    if (sectors != 0 && (sectors & 0xffff_ffffL) != sectorsLow) {
      throw new Corrupt(file, "has " + sectors + " sectors at 28, and " + sectorsLow + " at 16");
    }
    return this;
  }
}
