package dev.platter.format.dmg;

import dev.platter.image.ImageException;
import dev.platter.image.ImageException.Corrupt;
import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// The 512 bytes that make a file a disk image, nearly always its last ones.
record KolyTrailer(
    Bytes magic,
    long version,
    long size,
    long flags,
    long runningDataForkOffset,
    long dataForkOffset,
    long dataForkLength,
    long resourceForkOffset,
    long resourceForkLength,
    long segmentNumber,
    long segmentCount,
    Bytes segmentId,
    Checksum dataChecksum,
    long plistOffset,
    long plistLength,
    Bytes reserved1,
    long signatureOffset,
    long signatureLength,
    Bytes reserved2,
    Checksum masterChecksum,
    long variant,
    long sectors,
    Bytes reserved3) {

  static final Bytes MAGIC = Bytes.of("koly".getBytes(StandardCharsets.US_ASCII));
  static final int LENGTH = 512;
  static final int SECTOR = 512;
  static final long VERSION = 4;

  static final Struct<KolyTrailer> STRUCT =
      Struct.bigEndian(
          "trailer",
          new KolyTrailer(
              Bytes.zeros(4),
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              Bytes.zeros(16),
              Checksum.NONE,
              0,
              0,
              Bytes.zeros(64),
              0,
              0,
              Bytes.zeros(40),
              Checksum.NONE,
              0,
              0,
              Bytes.zeros(12)),
          KolyTrailer::fields);

  private static KolyTrailer fields(Fields f, KolyTrailer k) {
    return new KolyTrailer(
        f.bytes("magic", 4, k.magic),
        f.u32("version", k.version),
        f.u32("size", k.size),
        f.u32("flags", k.flags),
        f.u64("runningDataForkOffset", k.runningDataForkOffset),
        f.u64("dataForkOffset", k.dataForkOffset),
        f.u64("dataForkLength", k.dataForkLength),
        f.u64("resourceForkOffset", k.resourceForkOffset),
        f.u64("resourceForkLength", k.resourceForkLength),
        f.u32("segmentNumber", k.segmentNumber),
        f.u32("segmentCount", k.segmentCount),
        f.bytes("segmentId", 16, k.segmentId),
        Checksum.fields(f, "dataChecksum", k.dataChecksum),
        f.u64("plistOffset", k.plistOffset),
        f.u64("plistLength", k.plistLength),
        f.reserved(64, k.reserved1),
        f.u64("signatureOffset", k.signatureOffset),
        f.u64("signatureLength", k.signatureLength),
        f.reserved(40, k.reserved2),
        Checksum.fields(f, "masterChecksum", k.masterChecksum),
        f.u32("variant", k.variant),
        f.u64("sectors", k.sectors),
        f.reserved(12, k.reserved3));
  }

  /// Where the trailer is: at the end, or at the start as some tools put it; -1 if it is nowhere.
  static long find(Storage storage) throws IOException {
    long end = storage.size() - LENGTH;
    if (end >= 0 && STRUCT.read(storage, end).isMagic()) {
      return end;
    }
    return end >= 0 && STRUCT.read(storage, 0).isMagic() ? 0 : -1;
  }

  private boolean isMagic() {
    return magic.equals(MAGIC);
  }

  /// What is wrong with the version, nothing if it is in order.
  String fault() {
    if (version != VERSION) {
      return "has version " + version + " in its trailer instead of " + VERSION;
    }
    return size == LENGTH ? "" : "says that its trailer has " + size + " bytes instead of 512";
  }

  /// Checks what the rest of the package takes for granted.
  KolyTrailer checked(String file, long fileSize) throws ImageException {
    if (!fault().isEmpty()) {
      throw new Corrupt(file, fault());
    }
    if (segmentCount > 1) {
      throw new ImageException.Unsupported(
          file, "is one of " + segmentCount + " segments, which Platter cannot join");
    }
    inside(file, fileSize, "data fork", dataForkOffset, dataForkLength);
    inside(file, fileSize, "resource fork", resourceForkOffset, resourceForkLength);
    inside(file, fileSize, "property list", plistOffset, plistLength);
    inside(file, fileSize, "code signature", signatureOffset, signatureLength);
    if (sectors < 0 || sectors > Long.MAX_VALUE / SECTOR) {
      throw new Corrupt(
          file, "trailer says that the disk has " + Long.toUnsignedString(sectors) + " sectors");
    }
    return this;
  }

  private static void inside(String file, long fileSize, String what, long offset, long length)
      throws Corrupt {
    if (offset < 0 || length < 0 || offset > fileSize || length > fileSize - offset) {
      throw new Corrupt(
          file,
          "trailer says that the "
              + what
              + " has "
              + Long.toUnsignedString(length)
              + " bytes at "
              + Long.toUnsignedString(offset)
              + ", and the file ends at "
              + fileSize);
    }
  }
}
