package dev.platter.testkit;

import java.io.EOFException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Bytes of a file in pages that are never changed but replaced, so that a copy of a whole image
/// costs a copy of its page table, and equal images are recognised by a hash.
final class SparseBytes {
  private static final int PAGE = 4096;
  private final Map<Long, Page> pages;
  private long size;

  SparseBytes() {
    this(new HashMap<>(), 0);
  }

  private SparseBytes(Map<Long, Page> pages, long size) {
    this.pages = pages;
    this.size = size;
  }

  SparseBytes copy() {
    return new SparseBytes(new HashMap<>(pages), size);
  }

  long size() {
    return size;
  }

  /// Bytes of memory that pages take.
  long populated() {
    return (long) pages.size() * PAGE;
  }

  void read(String name, long position, MemorySegment target) throws EOFException {
    long length = target.byteSize();
    if (position < 0 || position > size - length) {
      throw new EOFException(
          name + ": ends at " + size + ", needed are " + length + " bytes at " + position);
    }
    for (long done = 0; done < length; ) {
      int from = (int) ((position + done) % PAGE);
      int step = (int) Math.min(PAGE - from, length - done);
      Page page = pages.get((position + done) / PAGE);
      MemorySegment part = target.asSlice(done, step);
      if (page == null) {
        part.fill((byte) 0);
      } else {
        MemorySegment.copy(MemorySegment.ofArray(page.bytes), from, part, 0, step);
      }
      done += step;
    }
  }

  void write(long position, byte[] source) {
    write(position, source, 0, source.length);
  }

  void write(long position, byte[] source, int start, int length) {
    for (int done = 0; done < length; ) {
      long number = (position + done) / PAGE;
      int from = (int) ((position + done) % PAGE);
      int step = Math.min(PAGE - from, length - done);
      Page old = pages.get(number);
      byte[] bytes = old == null ? new byte[PAGE] : old.bytes.clone();
      System.arraycopy(source, start + done, bytes, from, step);
      pages.put(number, new Page(bytes));
      done += step;
    }
    size = Math.max(size, position + length);
  }

  /// Zeros in a range; the size stays.
  void clear(long position, long length) {
    long end = Math.min(position + length, size);
    for (long at = position; at < end; ) {
      long number = at / PAGE;
      int from = (int) (at % PAGE);
      int to = (int) Math.min(PAGE, end - number * PAGE);
      Page old = pages.get(number);
      if (old != null) {
        clear(number, old, from, to == PAGE || number * PAGE + to == size ? PAGE : to);
      }
      at = number * PAGE + to;
    }
  }

  private void clear(long number, Page old, int from, int to) {
    if (from == 0 && to == PAGE) {
      pages.remove(number);
    } else {
      byte[] bytes = old.bytes.clone();
      Arrays.fill(bytes, from, to, (byte) 0);
      pages.put(number, new Page(bytes));
    }
  }

  void resize(long newSize) {
    if (newSize < size) {
      long first = (newSize + PAGE - 1) / PAGE;
      clear(newSize, Math.min(size, first * PAGE) - newSize);
      pages.keySet().removeIf(number -> number >= first);
    }
    size = newSize;
  }

  /// Whether the page that holds a position has ever been written, and how far this answer holds.
  boolean populatedAt(long position) {
    return pages.containsKey(position / PAGE);
  }

  static long nextPage(long position) {
    return (position / PAGE + 1) * PAGE;
  }

  /// Equal for equal content, and hardly ever for other content.
  long hash() {
    long hash = mix(size);
    for (Map.Entry<Long, Page> page : pages.entrySet()) {
      long own = page.getValue().hash();
      hash += own == 0 ? 0 : mix(own + mix(page.getKey()));
    }
    return hash;
  }

  private static long mix(long value) {
    long z = (value + 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 29) * 0x94d049bb133111ebL;
    return z ^ z >>> 32;
  }

  private static final class Page {
    private final byte[] bytes;
    private long hash;
    private boolean hashed;

    private Page(byte[] bytes) {
      this.bytes = bytes;
    }

    private long hash() {
      if (!hashed) {
        for (int at = 0; at < PAGE; at++) {
          hash = bytes[at] == 0 ? hash : hash + mix(((long) at << 8) + bytes[at]);
        }
        hashed = true;
      }
      return hash;
    }
  }
}
