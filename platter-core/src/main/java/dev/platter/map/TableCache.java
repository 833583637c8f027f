package dev.platter.map;

import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Tables of an image in memory, a page at a time, a bounded number of pages.
///
/// Entries are addressed by their position in the storage. Changes stay in memory until
/// [#writeBack]: an image decides when, and in which order its kinds of tables go out, so that
/// nothing on disk refers to what is not there yet. What lies behind the storage's end reads as
/// zeros.
///
/// Many threads may read at once; changes and write-backs are made by one thread alone, as
/// [dev.platter.image.Image] promises. Pages with changes are never dropped: an image that changes
/// much asks [#crowded] and flushes.
public final class TableCache {
  /// How many kinds of tables an image can tell apart.
  public static final int STAGES = 8;

  /// Bytes of small pages that are written together.
  private static final long TOGETHER = 256L << 10;

  private static final VarHandle INT_BE = view(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT_LE = view(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG_BE = view(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG_LE = view(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Storage storage;
  private final long base;
  private final int pageSize;
  private final int capacity;
  private final VarHandle ints;
  private final VarHandle longs;
  private final ConcurrentMap<Long, Page> pages = new ConcurrentHashMap<>();
  private final Deque<Page> clock = new ArrayDeque<>();
  private final int[] dirty = new int[STAGES];

  /// The page that was asked for last: neighbours ask for it again, without looking it up.
  private volatile Page last = new Page(-1, new byte[0]);

  private static VarHandle view(Class<?> array, ByteOrder order) {
    return MethodHandles.byteArrayViewVarHandle(array, order);
  }

  /// A cache of tables of `storage`.
  ///
  /// @param base where pages are counted from: a page never has bytes before it
  /// @param pageSize bytes, a power of two not larger than the image's block, so that no page holds
  ///   both a table and guest data
  /// @param bytes memory for pages
  public TableCache(Storage storage, ByteOrder order, long base, int pageSize, long bytes) {
    this.storage = storage;
    this.base = base;
    this.pageSize = pageSize;
    this.capacity = Math.clamp(bytes / pageSize, 4, 1 << 24);
    this.ints = order == ByteOrder.BIG_ENDIAN ? INT_BE : INT_LE;
    this.longs = order == ByteOrder.BIG_ENDIAN ? LONG_BE : LONG_LE;
  }

  /// Eight bytes at a position, which is `base` plus a multiple of eight.
  public long getLong(long position) throws IOException {
    Page page = page(position);
    return (long) longs.get(page.bytes, offset(position));
  }

  /// Four bytes without sign at a position, which is `base` plus a multiple of four.
  public long getInt(long position) throws IOException {
    Page page = page(position);
    return (int) ints.get(page.bytes, offset(position)) & 0xffff_ffffL;
  }

  /// How many entries of four bytes from a position on, at most `limit`, are `first`, `first +
  /// step`, `first + 2 * step` and so on: a whole page is compared without looking it up again.
  ///
  /// @param first what [#getInt] answers for `position`
  public long countInts(long position, long limit, long first, long step) throws IOException {
    long count = 0;
    while (count < limit) {
      Page page = page(position + 4 * count);
      int at = offset(position + 4 * count);
      long end = Math.min(limit, count + (pageSize - at) / 4);
      for (; count < end; count++, at += 4) {
        if (((int) ints.get(page.bytes, at) & 0xffff_ffffL) != first + count * step) {
          return count;
        }
      }
    }
    return count;
  }

  /// The same of entries of eight bytes.
  ///
  /// @param first what [#getLong] answers for `position`
  public long countLongs(long position, long limit, long first, long step) throws IOException {
    long count = 0;
    while (count < limit) {
      Page page = page(position + 8 * count);
      int at = offset(position + 8 * count);
      long end = Math.min(limit, count + (pageSize - at) / 8);
      for (; count < end; count++, at += 8) {
        if ((long) longs.get(page.bytes, at) != first + count * step) {
          return count;
        }
      }
    }
    return count;
  }

  /// The largest of `count` entries of four bytes that is below `bound`; -1 if there is none.
  public long largestInt(long position, long count, long bound) throws IOException {
    long largest = -1;
    for (long done = 0; done < count; ) {
      Page page = page(position + 4 * done);
      int at = offset(position + 4 * done);
      long end = Math.min(count, done + (pageSize - at) / 4);
      for (; done < end; done++, at += 4) {
        long entry = (int) ints.get(page.bytes, at) & 0xffff_ffffL;
        largest = entry < bound ? Math.max(largest, entry) : largest;
      }
    }
    return largest;
  }

  /// A byte without sign.
  public int getByte(long position) throws IOException {
    return page(position).bytes[offset(position)] & 0xff;
  }

  /// Changes eight bytes.
  ///
  /// @param stage what kind of table it is, for [#writeBack]
  public void setLong(long position, long value, int stage) throws IOException {
    Page page = page(position);
    longs.set(page.bytes, offset(position), value);
    touched(page, offset(position), 8, stage);
  }

  /// Changes four bytes.
  public void setInt(long position, long value, int stage) throws IOException {
    Page page = page(position);
    ints.set(page.bytes, offset(position), (int) value);
    touched(page, offset(position), 4, stage);
  }

  /// Changes a byte.
  public void setByte(long position, int value, int stage) throws IOException {
    Page page = page(position);
    page.bytes[offset(position)] = (byte) value;
    touched(page, offset(position), 1, stage);
  }

  /// Makes a range all zeros without reading it: a new table.
  ///
  /// @param position the start of a page
  /// @param length whole pages
  public void clear(long position, long length, int stage) throws IOException {
    for (long at = position; at < position + length; at += pageSize) {
      Page page = pages.get(number(at));
      if (page == null) {
        page = new Page(number(at), new byte[pageSize]);
        insert(page);
      }
      java.util.Arrays.fill(page.bytes, (byte) 0);
      touched(page, 0, pageSize, stage);
    }
  }

  /// Forgets a range without writing it: its tables were given back.
  public void forget(long position, long length) {
    for (long at = position - offset(position); at < position + length; at += pageSize) {
      Page page = pages.remove(number(at));
      if (page != null) {
        page.dropped = true;
        cleaned(page);
      }
    }
  }

  /// Forgets all pages that have no changes, which will be read again when they are asked for.
  public synchronized void trim() {
    for (Page page : clock) {
      if (!page.dirty()) {
        page.dropped = true;
        pages.remove(page.number, page);
      }
    }
    clock.removeIf(page -> page.dropped);
    last = new Page(-1, new byte[0]);
  }

  /// Whether a stage has changes that are not written.
  public boolean isDirty(int stage) {
    return dirty[stage] > 0;
  }

  /// Whether half of the room is taken by changes, so that the image should flush.
  public boolean crowded() {
    int all = 0;
    for (int pagesOfStage : dirty) {
      all += pagesOfStage;
    }
    return all > capacity / 2;
  }

  /// Writes the changes of a stage, in ascending order of position.
  public void writeBack(int stage) throws IOException {
    if (!isDirty(stage)) {
      return;
    }
    List<Page> changed = new ArrayList<>();
    pages
        .values()
        .forEach(p -> {
          if (p.dirty() && p.stage == stage) {
            changed.add(p);
          }
        });
    changed.sort(Comparator.comparingLong(p -> p.number));
    for (int first = 0; first < changed.size(); ) {
      int end = first + 1;
      while (end < changed.size()
          && (end - first) * (long) pageSize < TOGETHER
          && changed.get(end - 1).continues(changed.get(end), pageSize)) {
        end++;
      }
      write(changed.subList(first, end));
      first = end;
    }
  }

  /// Writes pages whose changes stand one behind the other.
  private void write(List<Page> run) throws IOException {
    int length = 0;
    for (Page page : run) {
      length += page.to - page.from;
    }
    Page first = run.getFirst();
    MemorySegment bytes =
        MemorySegment.ofArray(first.bytes).asSlice(first.from, first.to - first.from);
    if (run.size() > 1) {
      bytes = MemorySegment.ofArray(new byte[length]);
      int at = 0;
      for (Page page : run) {
        int part = page.to - page.from;
        MemorySegment.copy(MemorySegment.ofArray(page.bytes), page.from, bytes, at, part);
        at += part;
      }
    }
    storage.write(base + first.number * pageSize + first.from, bytes);
    run.forEach(this::cleaned);
  }

  private void cleaned(Page page) {
    if (page.dirty()) {
      dirty[page.stage]--;
      page.clean();
    }
  }

  private long number(long position) {
    return (position - base) / pageSize;
  }

  private int offset(long position) {
    return (int) ((position - base) % pageSize);
  }

  private void touched(Page page, int from, int length, int stage) {
    if (page.dirty()) {
      dirty[page.stage]--;
    }
    page.touch(from, from + length, stage);
    dirty[stage]++;
  }

  private Page page(long position) throws IOException {
    long number = number(position);
    Page page = last;
    if (page.number == number && !page.dropped) {
      return page;
    }
    page = pages.get(number);
    if (page == null) {
      page = insert(load(number));
    }
    last = page;
    if (!page.used) { // a write would take the line from the other cores each time
      page.used = true;
    }
    return page;
  }

  private Page load(long number) throws IOException {
    byte[] bytes = new byte[pageSize];
    long position = base + number * pageSize;
    long there = Math.clamp(storage.size() - position, 0, pageSize);
    if (there > 0) {
      storage.read(position, MemorySegment.ofArray(bytes).asSlice(0, there));
    }
    return new Page(number, bytes);
  }

  private synchronized Page insert(Page page) {
    Page earlier = pages.putIfAbsent(page.number, page);
    if (earlier != null) {
      return earlier;
    }
    clock.addLast(page);
    for (int tries = 2 * clock.size(); clock.size() > capacity && tries > 0; tries--) {
      Page oldest = clock.removeFirst();
      if (pages.get(oldest.number) != oldest) {
        continue;
      }
      if (oldest == page || oldest.used || oldest.dirty()) {
        oldest.used = false;
        clock.addLast(oldest);
      } else {
        oldest.dropped = true;
        pages.remove(oldest.number, oldest);
      }
    }
    return page;
  }

  private static final class Page {
    private final long number;
    private final byte[] bytes;
    private volatile boolean used;
    private volatile boolean dropped;
    private int from = Integer.MAX_VALUE;
    private int to;
    private int stage;

    private Page(long number, byte[] bytes) {
      this.number = number;
      this.bytes = bytes;
    }

    private boolean dirty() {
      return to > 0;
    }

    /// Whether the changes of another page follow without a gap.
    private boolean continues(Page next, int pageSize) {
      return next.number == number + 1 && to == pageSize && next.from == 0;
    }

    private void touch(int start, int end, int kind) {
      from = Math.min(from, start);
      to = Math.max(to, end);
      stage = kind;
    }

    private void clean() {
      from = Integer.MAX_VALUE;
      to = 0;
    }
  }
}
