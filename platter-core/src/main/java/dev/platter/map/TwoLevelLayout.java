package dev.platter.map;

import dev.platter.image.Allocation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;

/// The tables of a new image with a map of two levels, computed from runs wherever they are looked
/// at. Only second tables that have an entry exist; they follow one another.
public final class TwoLevelLayout {
  private final Allocation blocks;
  private final long blockSize;
  private final int entries;
  private final long room;
  private final long zero;
  private final ValueLayout.OfLong layout;
  private final long[] before;

  /// How an image's tables look.
  ///
  /// @param entries entries of a second table
  /// @param room bytes from one second table to the next
  /// @param zero the entry of a block of zeros
  public record Style(long blockSize, int entries, long room, long zero, ByteOrder order) {}

  /// Tables for runs.
  ///
  /// @param blocks runs in whole blocks
  public TwoLevelLayout(Allocation blocks, Style style) {
    this.blocks = blocks;
    this.blockSize = style.blockSize;
    this.entries = style.entries;
    this.room = style.room;
    this.zero = style.zero;
    this.layout = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(style.order);
    this.before = new long[blocks.count() + 1];
    for (int run = 0; run < blocks.count(); run++) {
      before[run + 1] = before[run] + lastTable(run) - firstNew(run) + 1;
    }
  }

  /// Bytes that all second tables have.
  public long secondBytes() {
    return before[blocks.count()] * room;
  }

  private long firstTable(int run) {
    return blocks.start(run) / blockSize / entries;
  }

  private long lastTable(int run) {
    return (blocks.end(run) - 1) / blockSize / entries;
  }

  /// The first table that a run has and no earlier one.
  private long firstNew(int run) {
    long first = firstTable(run);
    return run > 0 && lastTable(run - 1) == first ? first + 1 : first;
  }

  /// Fills a part of the first table.
  ///
  /// @param start where the part starts in the table, a multiple of eight
  /// @param target has only zeros
  /// @param position where the first of the second tables is
  public void fillFirst(long start, MemorySegment target, long position) {
    long from = start / Long.BYTES;
    long to = from + target.byteSize() / Long.BYTES;
    int run = firstWith(from);
    for (; run < blocks.count() && firstTable(run) < to; run++) {
      long last = Math.min(lastTable(run), to - 1);
      for (long index = Math.max(firstNew(run), from); index <= last; index++) {
        long table = before[run] + index - firstNew(run);
        target.set(layout, (index - from) * Long.BYTES, position + table * room);
      }
    }
  }

  /// The first run that has a table from `index` on.
  private int firstWith(long index) {
    int low = 0;
    int high = blocks.count();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (lastTable(middle) < index) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// Fills a part of the second tables.
  ///
  /// @param start where the part starts, counted from the first of the tables; a multiple of eight
  /// @param target has only zeros
  /// @param places the entry of a block of data, by how many come before it
  public void fillSecond(long start, MemorySegment target, LongUnaryOperator places) {
    long tableSize = (long) entries * Long.BYTES;
    for (long done = 0; done < target.byteSize(); ) {
      long inTable = (start + done) % room;
      long length = Math.min(room - inTable, target.byteSize() - done);
      if (inTable < tableSize) {
        long block = index((start + done) / room) * entries + inTable / Long.BYTES;
        long used = Math.min(length, tableSize - inTable);
        fillTable(block, target.asSlice(done, used), places);
      }
      done += length;
    }
  }

  /// Which entry of the first table has the given table.
  private long index(long table) {
    int found = Arrays.binarySearch(before, table);
    int run = found >= 0 ? found : -found - 2;
    while (before[run + 1] <= table) {
      run++;
    }
    return firstNew(run) + table - before[run];
  }

  /// Fills entries from a block's on.
  private void fillTable(long first, MemorySegment target, LongUnaryOperator places) {
    long end = first + target.byteSize() / Long.BYTES;
    int run = blocks.runAfter(first * blockSize);
    for (; run < blocks.count() && blocks.start(run) / blockSize < end; run++) {
      long runStart = blocks.start(run) / blockSize;
      long from = Math.max(runStart, first);
      long to = Math.min((blocks.end(run) + blockSize - 1) / blockSize, end);
      long rank = blocks.dataBefore(run) / blockSize - runStart;
      for (long block = from; block < to; block++) {
        long entry = blocks.isZero(run) ? zero : places.applyAsLong(rank + block);
        target.set(layout, (block - first) * Long.BYTES, entry);
      }
    }
  }
}
