package dev.platter.format.vhd;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/// The file's room for blocks, and the footer behind it.
///
/// Room is handed out only in front of the footer that is on disk. When it runs out, a footer is
/// written further on and made durable first; so that this is rare, it moves ahead by several
/// blocks, and back when the image is closed. All room that is handed out reads as zeros.
final class VhdSpace {
  private static final int SECTOR = VhdFooter.SECTOR;
  private static final long STEP = 16 << 20;
  private static final int MOST_GAPS = 1 << 16;

  /// Images with more blocks than this, which are smaller than usual, are not searched for blocks
  /// that share a place before they are written.
  static final long MOST_SORTED = 4 << 20;

  private final Storage storage;
  private final VhdTables tables;
  private final long stride;
  private byte[] footer;
  private final long metadataEnd;
  private final VhdFile file;
  private final Deque<Long> gaps = new ArrayDeque<>();
  private final Deque<Long> clean = new ArrayDeque<>();
  private long footerPosition;
  private long end;
  private long zerosFrom;
  private boolean surveyed;

  VhdSpace(VhdFile file, VhdTables tables) throws IOException {
    this.file = file;
    this.storage = file.storage();
    this.tables = tables;
    this.stride = file.blocks().stride();
    this.footer = file.footer().sealed().encode();
    this.metadataEnd = file.metadataEnd();
    this.footerPosition =
        file.hasFooter() ? file.trailing().orElseThrow().position() : storage.size();
    this.zerosFrom = Long.MAX_VALUE;
  }

  /// Looks through the table for the room that is taken.
  ///
  /// @throws ImageException.Corrupt if two blocks share a place, or a block is where none can be
  void survey() throws IOException {
    if (surveyed) {
      return;
    }
    long count = tables.allocated();
    end = metadataEnd;
    for (VhdLocator locator : file.blocks().locators()) {
      if (locator.isInside(storage.size())) {
        end = Math.max(end, up(locator.offset() + locator.length()));
      }
    }
    for (long block = tables.next(0); block < tables.blocks(); block = tables.next(block + 1)) {
      end = Math.max(end, tables.place(block) + stride);
    }
    if (count <= MOST_SORTED) {
      sort(count);
    }
    surveyed = true;
  }

  private void sort(long count) throws IOException {
    long[] places = new long[(int) count];
    int next = 0;
    for (long block = tables.next(0); next < places.length; block = tables.next(block + 1)) {
      places[next++] = tables.place(block);
    }
    Arrays.sort(places);
    long last = metadataEnd;
    for (long place : places) {
      if (place < last && (last != metadataEnd || place + stride > metadataEnd)) {
        throw new ImageException.Corrupt(
            storage.name(),
            "the block at "
                + place
                + " overlaps what ends at "
                + last
                + ": nothing is written before that is repaired");
      }
      for (long gap = last; place - gap >= stride && gaps.size() < MOST_GAPS; gap += stride) {
        if (!hasName(gap)) {
          gaps.add(gap);
        }
      }
      last = Math.max(last, place + stride);
    }
  }

  /// Whether a name of the parent is there.
  private boolean hasName(long gap) {
    for (VhdLocator locator : file.blocks().locators()) {
      if (locator.isUsed()
          && locator.offset() < gap + stride
          && locator.offset() > gap - locator.length()) {
        return true;
      }
    }
    return false;
  }

  /// Another footer, in both of its places; durable on return.
  void footer(VhdFooter changed) throws IOException {
    footer = changed.encode();
    storage.write(0, MemorySegment.ofArray(footer));
    storage.flush();
    storage.write(footerPosition, MemorySegment.ofArray(footer));
    storage.flush();
  }

  /// Room behind everything, in front of a durable footer.
  long takeEnd(long length) throws IOException {
    survey();
    long place = up(end);
    if (place + length > footerPosition) {
      moveFooter(place + length);
    }
    end = place + up(length);
    return place;
  }

  /// Gives back what [#takeEnd] gave, from a place on, and moves the footer back.
  void giveBack(long place) throws IOException {
    storage.zero(place, end - place);
    end = place;
    trim();
  }

  /// Room for a block and its bitmap: whole, reading as zeros, in front of a durable footer.
  long take() throws IOException {
    survey();
    if (!clean.isEmpty()) {
      return clean.removeFirst();
    }
    if (!gaps.isEmpty()) {
      long gap = gaps.removeFirst();
      storage.zero(gap, stride);
      return gap;
    }
    long place = end;
    if (place / SECTOR >= VhdDynamicHeader.FREE_ENTRY) {
      throw new IOException(storage.name() + ": is full: a VHD file with blocks ends before 2 TiB");
    }
    if (place + stride > footerPosition) {
      moveFooter(place);
    }
    if (place < zerosFrom) {
      storage.zero(place, Math.min(stride, zerosFrom - place));
    }
    end = place + stride;
    return place;
  }

  private void moveFooter(long place) throws IOException {
    long blocks = Math.max(STEP / stride, 1);
    long ahead = Math.max(place + blocks * stride, up(storage.size()));
    storage.write(ahead, MemorySegment.ofArray(footer));
    storage.flush();
    long old = footerPosition;
    if (old < ahead) {
      storage.zero(old, Math.min(SECTOR, ahead - old));
    }
    if (zerosFrom == Long.MAX_VALUE) {
      zerosFrom = old;
    }
    footerPosition = ahead;
  }

  /// Takes room back at once that nothing on disk refers to.
  void cancel(long place) throws IOException {
    if (place + stride == end) {
      end = place;
      storage.zero(place, stride);
    } else {
      gaps.add(place);
    }
  }

  /// Takes room back that nothing on disk refers to any more, and gives it to the storage.
  void release(long place) throws IOException {
    storage.punch(place, stride);
    clean.add(place);
  }

  /// Puts a footer behind the last block where there is none that is sound; durable on return.
  void restoreFooter() throws IOException {
    survey();
    long whole = (storage.size() - VhdFooter.SIZE) & -SECTOR;
    footerPosition = Math.max(up(end), whole);
    storage.write(footerPosition, MemorySegment.ofArray(footer));
    storage.flush();
    cut();
  }

  /// Moves the footer back to the last block and cuts the file behind it; durable on return.
  void trim() throws IOException {
    survey();
    while (clean.remove(end - stride) || gaps.remove(end - stride)) {
      end -= stride;
    }
    if (up(end) < footerPosition) {
      footerPosition = up(end);
      zerosFrom = Long.MAX_VALUE;
      storage.write(footerPosition, MemorySegment.ofArray(footer));
      storage.flush();
      cut();
    }
  }

  private void cut() throws IOException {
    if (storage.size() > footerPosition + VhdFooter.SIZE) {
      storage.resize(footerPosition + VhdFooter.SIZE);
      storage.flush();
    }
  }

  /// Where the footer is.
  long footerPosition() {
    return footerPosition;
  }

  private static long up(long position) {
    return (position + SECTOR - 1) & -SECTOR;
  }
}
