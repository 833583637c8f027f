package dev.platter.format.vhd;

import dev.platter.io.Storage;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// XenServer's map of full blocks. Platter only takes bits away, which is always true: a reader
/// then looks into the block's own bitmap.
final class VhdBatmap {
  private static final int STAGE = 0;
  private final Storage storage;
  private final long position;
  private final TableCache cache;
  private VhdBatmapHeader header;

  VhdBatmap(Storage storage, VhdDynamicHeader image, VhdBatmapHeader header) {
    this.storage = storage;
    this.position = VhdFile.batmapPosition(image);
    this.header = header;
    this.cache =
        new TableCache(storage, ByteOrder.BIG_ENDIAN, header.offset(), VhdFooter.SECTOR, 1 << 20);
  }

  /// Whether a block is said to be full.
  boolean get(long block) throws IOException {
    return (cache.getByte(header.offset() + block / 8) & mask(block)) != 0;
  }

  /// Takes a block's bit away.
  void clear(long block) throws IOException {
    long at = header.offset() + block / 8;
    int before = cache.getByte(at);
    int after = before & ~mask(block);
    if (after != before) {
      cache.setByte(at, after, STAGE);
      // the complement of a sum: what the sum loses the checksum gains
      long gain = (long) value(before) - value(after);
      header = header.withChecksum((header.checksum() + gain) & 0xffff_ffffL);
    }
  }

  private static int mask(long block) {
    return 0x80 >>> (int) (block % 8);
  }

  private int value(int unsigned) {
    return header.version() == VhdBatmapHeader.SIGNED ? (byte) unsigned : unsigned;
  }

  /// What the checksum must be, as far as changes are not only in memory.
  long computed() throws IOException {
    long sum = 0;
    for (long at = 0; at < header.mapSectors() * VhdFooter.SECTOR; at++) {
      sum += value(cache.getByte(header.offset() + at));
    }
    return ~sum & 0xffff_ffffL;
  }

  /// Makes the checksum the one that the bits have.
  void seal() throws IOException {
    header = header.withChecksum(computed());
    writeHeader();
  }

  /// The header as it is now.
  VhdBatmapHeader header() {
    return header;
  }

  /// Writes what has changed.
  void write() throws IOException {
    if (cache.isDirty(STAGE)) {
      cache.writeBack(STAGE);
      writeHeader();
    }
  }

  private void writeHeader() throws IOException {
    storage.write(position, MemorySegment.ofArray(VhdBatmapHeader.STRUCT.encode(header)));
  }
}
