package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.Mapping;
import dev.platter.io.Storage;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.nio.ByteOrder;

/// A space-efficient sparse extent, as ESXi makes snapshots. It is only read: its bitmaps and its
/// journal are known by their places alone.
final class SeSparseExtent implements VmdkExtent {
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final int GRAIN = 8 * SECTOR;
  private static final int ENTRIES = 64 * SECTOR / 8;
  private static final long TABLE = 0x1000_0000_0000_0000L;
  private static final int UNALLOCATED = 0;
  private static final int UNMAPPED = 1;
  private static final int ZERO = 2;
  private static final int STORED = 3;

  private final Storage storage;
  private final SeSparseHeader header;
  private final TableCache cache;

  SeSparseExtent(Storage storage, SeSparseHeader header, Limits limits) {
    this.storage = storage;
    this.header = header;
    this.cache = new TableCache(storage, ByteOrder.LITTLE_ENDIAN, 0, SECTOR, limits.tableCache());
  }

  private long entry(long grain) throws IOException {
    long number = grain / ENTRIES;
    long directory = header.directoryOffset() * SECTOR + 8 * number;
    if (number >= header.directorySize() * (SECTOR / 8)) {
      throw corrupt("grain " + grain + " is behind the end of the grain directory");
    }
    long table = cache.getLong(directory);
    if (table == 0) {
      return 0;
    }
    if ((table & 0xffff_ffff_0000_0000L) != TABLE) {
      throw corrupt("the directory entry at " + directory + " is 0x" + Long.toHexString(table));
    }
    long sector = header.tablesOffset() + (table & 0xffff_ffffL) * header.tableSize();
    long position = sector * SECTOR + 8 * (grain % ENTRIES);
    if (position + 8 > storage.size()) {
      throw corrupt("the grain table at sector " + sector + " is not in the file");
    }
    return cache.getLong(position);
  }

  private ImageException corrupt(String what) {
    return new ImageException.Corrupt(storage.name(), what);
  }

  /// Where a stored grain is: the number's lowest bits stand above the others.
  private long position(long entry) {
    long number = (entry & 0x0fff_0000_0000_0000L) >>> 48 | (entry & 0x0000_ffff_ffff_ffffL) << 12;
    return number < 1L << 50
        ? (header.grainsOffset() + number * header.grainSize()) * SECTOR
        : Long.MAX_VALUE;
  }

  @Override
  public Mapping map(long offset, long length) throws IOException {
    long grain = offset / GRAIN;
    long last = (offset + length - 1) / GRAIN;
    long first = entry(grain);
    int kind = (int) (first >>> 60);
    long count = 1;
    while (grain + count <= last
        && count < ENTRIES
        && follows(first, entry(grain + count), count)) {
      count++;
    }
    long run = Math.min(count * GRAIN - offset % GRAIN, length);
    if (kind == UNALLOCATED && first != 0) {
      throw strange(grain, first);
    }
    return switch (kind) {
      case UNALLOCATED -> new Mapping.Unallocated(run);
      case UNMAPPED, ZERO -> new Mapping.Zero(run);
      case STORED -> {
        long position = position(first) + offset % GRAIN;
        if (position < 0 || position > storage.size() - run) {
          throw corrupt(
              "the table entry of grain "
                  + grain
                  + " names position "
                  + Long.toUnsignedString(position)
                  + ", and the file ends at "
                  + storage.size());
        }
        yield new Mapping.Shared(storage, position, run);
      }
      default -> throw strange(grain, first);
    };
  }

  private ImageException strange(long grain, long entry) {
    return corrupt("the table entry of grain " + grain + " is 0x" + Long.toHexString(entry));
  }

  private boolean follows(long first, long entry, long count) {
    return first >>> 60 == entry >>> 60
        && (first == 0) == (entry == 0)
        && (first >>> 60 != STORED || position(entry) == position(first) + count * GRAIN);
  }

  @Override
  public String whyReadOnly() {
    return "is an SESparse extent, which Platter only reads";
  }

  @Override
  public Storage storage() {
    return storage;
  }

  @Override
  public int allocationUnit() {
    return GRAIN;
  }
}
