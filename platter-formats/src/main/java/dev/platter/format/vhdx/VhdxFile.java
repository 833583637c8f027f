package dev.platter.format.vhdx;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.OpenContext;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// The structures of an open image that do not change, and its headers.
///
/// @param storage the file
/// @param view the file as it is once its log is replayed; the file itself where there is nothing
///   to replay
/// @param replayed how many entries of the log were found to be replayed when it was opened
/// @param bat where the block allocation table is
record VhdxFile(
    Storage storage,
    Storage view,
    int replayed,
    VhdxHeaders headers,
    VhdxRegionTable regions,
    VhdxRegion bat,
    VhdxRegion metadata,
    VhdxDisk disk,
    Limits limits) {
  static final long MIB = 1 << 20;

  /// The longest file: room for a disk of 64 TiB, and as much again.
  static final long LARGEST = 128L << 40;

  static final String SIGNATURE = "vhdxfile";

  /// Where the name of the program begins that made the image, and how many bytes it has.
  static final int CREATOR = 8;

  static final int CREATOR_SIZE = 512;

  /// Reads the structures, and replays the log: in the file if it may be written.
  static VhdxFile open(Storage storage, OpenContext context) throws IOException {
    if (!isVhdx(storage)) {
      throw new ImageException.Corrupt(
          storage.name(), "does not begin with the VHDX signature 'vhdxfile'");
    }
    VhdxHeaders headers = VhdxHeaders.read(storage, context.limits());
    var replay = new VhdxReplay(storage, headers.current());
    Storage view = storage;
    if (context.access().writes()) {
      finishLog(headers, replay);
    } else if (!replay.isEmpty()) {
      view = replay.inMemory(context.limits());
    }
    VhdxRegionTable regions = VhdxRegionTable.find(view, headers.current());
    VhdxRegion bat = regions.only(view, new VhdxRegion(VhdxRegion.BAT, 0, 0, 0));
    VhdxRegion metadata = regions.only(view, new VhdxRegion(VhdxRegion.METADATA, 0, 0, 0));
    VhdxDisk disk = VhdxMetadata.read(view, metadata, context.limits());
    checkBat(view, bat, disk, context.limits());
    return new VhdxFile(
        storage, view, replay.entries(), headers, regions, bat, metadata, disk, context.limits());
  }

  private static void finishLog(VhdxHeaders headers, VhdxReplay replay) throws IOException {
    if (!headers.current().log().isZero()) {
      headers.markFileWrite();
      if (!replay.isEmpty()) {
        replay.apply();
      }
      headers.markLog(VhdxHeader.NO_GUID);
    }
  }

  private static void checkBat(Storage storage, VhdxRegion bat, VhdxDisk disk, Limits limits)
      throws ImageException {
    Limits.check(storage.name(), "bytes of BAT", 8 * disk.entries(), limits.tables());
    if (bat.length() < 8 * disk.entries()) {
      throw new ImageException.Corrupt(
          storage.name(),
          "VHDX BAT at "
              + bat.offset()
              + " has room for "
              + bat.length() / 8
              + " entries, a disk of "
              + disk.size()
              + " needs "
              + disk.entries());
    }
  }

  /// The same with what the metadata says by now.
  VhdxFile again() throws IOException {
    VhdxDisk now = VhdxMetadata.read(view, metadata, limits);
    return new VhdxFile(storage, view, replayed, headers, regions, bat, metadata, now, limits);
  }

  /// Whether the file begins like an image.
  static boolean isVhdx(Storage storage) throws IOException {
    byte[] found = new byte[CREATOR];
    if (storage.size() < found.length) {
      return false;
    }
    storage.read(0, MemorySegment.ofArray(found));
    return new String(found, StandardCharsets.ISO_8859_1).equals(SIGNATURE);
  }

  /// The program that made the image.
  String creator() throws IOException {
    byte[] bytes = new byte[CREATOR_SIZE];
    storage.read(CREATOR, MemorySegment.ofArray(bytes));
    String text = new String(bytes, StandardCharsets.UTF_16LE);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }
}
