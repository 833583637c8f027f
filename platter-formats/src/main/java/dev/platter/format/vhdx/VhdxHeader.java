package dev.platter.format.vhdx;

import dev.platter.io.Storage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/// One of the two headers: what changes in an image besides its tables. The one with the higher
/// sequence number counts.
///
/// @param signature `head`
/// @param checksum over [#SIZE] bytes
/// @param sequence which of the two headers is newer, `SequenceNumber`
/// @param fileWrite changes before the file is written for the first time after opening,
///   `FileWriteGuid`
/// @param dataWrite changes before the guest's data is, `DataWriteGuid`
/// @param log which entries of the log count, zeros if none do, `LogGuid`
/// @param logVersion 0
/// @param version 1
/// @param logLength bytes, a multiple of a MiB
/// @param logOffset where the log starts
record VhdxHeader(
    long signature,
    long checksum,
    long sequence,
    Bytes fileWrite,
    Bytes dataWrite,
    Bytes log,
    int logVersion,
    int version,
    long logLength,
    long logOffset) {
  static final long SIGNATURE = 0x6461_6568;
  static final int VERSION = 1;
  static final int SIZE = 4096;
  static final long FIRST = 64 << 10;
  static final long SECOND = 128 << 10;
  static final Bytes NO_GUID = Bytes.zeros(16);

  static final Struct<VhdxHeader> STRUCT =
      Struct.littleEndian(
          "header",
          new VhdxHeader(0, 0, 0, NO_GUID, NO_GUID, NO_GUID, 0, 0, 0, 0),
          VhdxHeader::fields);

  private static VhdxHeader fields(Fields f, VhdxHeader v) {
    return new VhdxHeader(
        f.u32("signature", v.signature),
        f.u32("checksum", v.checksum),
        f.u64("sequence", v.sequence),
        f.bytes("fileWrite", 16, v.fileWrite),
        f.bytes("dataWrite", 16, v.dataWrite),
        f.bytes("log", 16, v.log),
        f.u16("logVersion", v.logVersion),
        f.u16("version", v.version),
        f.u32("logLength", v.logLength),
        f.u64("logOffset", v.logOffset));
  }

  /// The header at a position; none if there is none, or a broken one.
  static Optional<VhdxHeader> read(Storage storage, long position) throws IOException {
    if (storage.size() < position + SIZE) {
      return Optional.empty();
    }
    byte[] bytes = new byte[SIZE];
    storage.read(position, MemorySegment.ofArray(bytes));
    VhdxHeader header = STRUCT.decode(bytes, 0);
    return header.signature == SIGNATURE && VhdxChecksum.fits(bytes)
        ? Optional.of(header)
        : Optional.empty();
  }

  /// The bytes on disk, with the right checksum.
  byte[] encode() {
    return VhdxChecksum.seal(Arrays.copyOf(STRUCT.encode(this), SIZE));
  }

  /// The position behind the log.
  long logEnd() {
    return logOffset + logLength;
  }

  VhdxHeader sequence(long number) {
    return new VhdxHeader(
        signature,
        checksum,
        number,
        fileWrite,
        dataWrite,
        log,
        logVersion,
        version,
        logLength,
        logOffset);
  }

  VhdxHeader writes(Bytes file, Bytes data) {
    return new VhdxHeader(
        signature, checksum, sequence, file, data, log, logVersion, version, logLength, logOffset);
  }

  VhdxHeader log(Bytes guid) {
    return new VhdxHeader(
        signature, checksum, sequence, fileWrite, dataWrite, guid, 0, version, logLength,
        logOffset);
  }
}
