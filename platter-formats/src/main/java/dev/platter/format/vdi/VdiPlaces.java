package dev.platter.format.vdi;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import dev.platter.map.FlatMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Which places of an image are free. The map alone knows: the header's count may be behind it
/// after a crash, and who believes it gives one place to two blocks.
///
/// Places are given out in ascending order, so that places 0 to n - 1 are taken and the header's
/// count, which other programs take for the next free place, is n.
final class VdiPlaces {
  /// Freed places that are remembered; more of them stay unused until the image is compacted.
  private static final int REMEMBERED = 1 << 16;

  private static final long UNKNOWN = -1;

  private final Storage storage;
  private final VdiHeader header;
  private final FlatMap map;
  private final TreeSet<Long> free = new TreeSet<>();
  private final List<Long> freed = new ArrayList<>();
  private long next = UNKNOWN;
  private long nextAfterFlush = Long.MAX_VALUE;
  private long fresh;

  VdiPlaces(Storage storage, VdiHeader header, FlatMap map) {
    this.storage = storage;
    this.header = header;
    this.map = map;
  }

  /// Places in a row.
  ///
  /// @param zeroed nothing was ever written to them
  record Room(long place, long count, boolean zeroed) {}

  /// Whether anything was asked yet: until then the header's count is nobody's business.
  boolean known() {
    return next != UNKNOWN;
  }

  /// The first place behind all that are taken.
  long next() {
    return next;
  }

  /// Takes places that nothing refers to, neither in memory nor on disk.
  ///
  /// @param wanted how many are useful; fewer may come
  Room take(long wanted) throws IOException {
    derive();
    Long reused = free.pollFirst();
    if (reused != null) {
      return new Room(reused, 1, false);
    }
    long count = Math.min(wanted, VdiHeader.ZERO_ENTRY - next);
    if (count <= 0) {
      throw new ImageException.Unsupported(
          storage.name(), "has no number left for another block: " + next + " are taken");
    }
    boolean zeroed = next >= fresh;
    Room room = new Room(next, zeroed ? count : Math.min(count, fresh - next), zeroed);
    next += room.count();
    fresh = Math.max(fresh, next);
    long end = header.place(next);
    if (storage.size() < end) {
      storage.resize(end);
    }
    return room;
  }

  /// What is in the file behind the highest place is left over from a crash and may be used again;
  /// the flush makes sure that the map on disk is the one that was read and names none of it.
  private void derive() throws IOException {
    if (known()) {
      return;
    }
    storage.flush();
    long highest = map.highest(0, header.blocks());
    long inFile = Math.max(storage.size() - header.dataStart(), 0);
    fresh = (inFile + header.stride() - 1) / header.stride();
    next = highest + 1;
  }

  /// Takes back places that were never published.
  void cancel(Room room) {
    if (room.place() + room.count() == next) {
      next = room.place();
      return;
    }
    for (long place = room.place(); place < room.place() + room.count(); place++) {
      remember(place);
    }
  }

  /// The lowest place that is taken, as all that follow it are, by blocks of a run, so that giving
  /// them back leaves no gap; the place behind all that are taken if there is none.
  long tail(long block, long count) throws IOException {
    derive();
    long end = Math.min(next, nextAfterFlush);
    if (map.highest(block, count) != end - 1) {
      return end;
    }
    long before = map.highest(0, block);
    long behind = map.highest(block + count, header.blocks() - block - count);
    return Math.max(before, behind) + 1;
  }

  /// The map in memory names no place from `place` on any longer; the map on disk may until the
  /// next flush.
  void releaseTail(long place) {
    if (place < next) {
      nextAfterFlush = place;
    }
  }

  /// Whether places wait for a flush that must not be passed over: a place taken before it would
  /// leave a gap.
  boolean releasesTail() {
    return nextAfterFlush < next;
  }

  /// A place that the map in memory names no longer; the map on disk may name it until the next
  /// flush. What is free is found out before, from a map that still names it.
  void release(long place) throws IOException {
    derive();
    if (freed.size() < REMEMBERED) {
      freed.add(place);
    }
  }

  /// The map is on disk: what it does not name may be used for something else.
  void settle() throws IOException {
    for (long place : freed) {
      long there = Math.clamp(storage.size() - header.place(place), 0, header.stride());
      if (there > 0) {
        storage.punch(header.place(place), there);
      }
      remember(place);
    }
    freed.clear();
    if (known()) {
      lower(Math.min(next, nextAfterFlush));
    }
    nextAfterFlush = Long.MAX_VALUE;
  }

  /// Lowers the end of the places that are taken, and cuts the file there.
  private void lower(long place) throws IOException {
    long before = next;
    next = place;
    free.tailSet(next).clear();
    while (free.remove(next - 1)) {
      next--;
    }
    if (next < before) {
      fresh = next;
      long end = header.place(next);
      if (storage.size() > end) {
        storage.resize(end);
      }
    }
  }

  private void remember(long place) {
    if (free.size() < REMEMBERED) {
      free.add(place);
    }
  }
}
