package dev.platter.map;

import java.io.IOException;

/// Bits that say of every sector of a block whether it is in the image, read and changed through a
/// [TableCache].
///
/// Bits are looked at 64 at a time, so a bitmap is a multiple of eight bytes; bits that stand for
/// no sector are never counted.
public final class SectorBitmap {
  private final TableCache cache;
  private final Order order;

  /// Which bit of a byte stands for the first of its eight sectors.
  public enum Order {
    /// The most significant one; the cache is big-endian.
    HIGH_FIRST,
    /// The least significant one; the cache is little-endian.
    LOW_FIRST
  }

  /// Bitmaps in the tables of a cache.
  ///
  /// @param cache its byte order fits `order`
  public SectorBitmap(TableCache cache, Order order) {
    this.cache = cache;
    this.order = order;
  }

  /// The bit of a sector.
  ///
  /// @param bitmap where the bitmap starts in the storage
  public boolean get(long bitmap, long sector) throws IOException {
    return (word(bitmap, sector) & 1L << (sector & 63)) != 0;
  }

  /// How many sectors from `sector` on, at most `limit`, have the same bit as it.
  ///
  /// @param limit at least 1; the sectors are all in the bitmap
  public long run(long bitmap, long sector, long limit) throws IOException {
    return run(bitmap, sector, limit, get(bitmap, sector));
  }

  /// How many sectors from `sector` on, at most `limit`, have their bit set or not.
  public long run(long bitmap, long sector, long limit, boolean set) throws IOException {
    long at = sector;
    long end = sector + limit;
    while (at < end) {
      long word = word(bitmap, at);
      long other = (set ? ~word : word) >>> (at & 63);
      long same = Math.min(Long.numberOfTrailingZeros(other), 64 - (at & 63));
      at += same;
      if ((at & 63) != 0 || same == 0) {
        break;
      }
    }
    return Math.min(at, end) - sector;
  }

  /// How many of the first `sectors` bits are set.
  public long count(long bitmap, long sectors) throws IOException {
    long count = 0;
    for (long at = 0; at < sectors; at += 64) {
      long word = word(bitmap, at);
      count += Long.bitCount(sectors - at < 64 ? word & (1L << (sectors - at)) - 1 : word);
    }
    return count;
  }

  /// Changes the bits of sectors.
  ///
  /// @param stage what the cache calls this kind of table
  public void fill(long bitmap, long sector, long count, boolean set, int stage)
      throws IOException {
    long at = sector;
    long end = sector + count;
    while (at < end) {
      long bits = Math.min(64 - (at & 63), end - at);
      long mask = (bits == 64 ? -1L : (1L << bits) - 1) << (at & 63);
      long word = word(bitmap, at);
      long changed = set ? word | mask : word & ~mask;
      if (changed != word) {
        cache.setLong(position(bitmap, at), stored(changed), stage);
      }
      at += bits;
    }
  }

  /// Sixty-four sectors, the first in the lowest bit.
  private long word(long bitmap, long sector) throws IOException {
    return stored(cache.getLong(position(bitmap, sector)));
  }

  private static long position(long bitmap, long sector) {
    return bitmap + (sector >>> 6) * 8;
  }

  private long stored(long word) {
    return switch (order) {
      case HIGH_FIRST -> Long.reverse(word);
      case LOW_FIRST -> word;
    };
  }
}
