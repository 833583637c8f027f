package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Where in an extent's file there is room for grains: behind everything that is named, and in what
/// was given back since the file was opened.
final class GrainPlaces {
  /// Freed places that are remembered; more of them stay unused.
  private static final int REMEMBERED = 1 << 16;

  /// Entries have four bytes.
  private static final long END = (1L << 32) * SparseHeader.SECTOR;

  private final Storage storage;
  private final int grainSize;
  private final TreeSet<Long> free = new TreeSet<>();
  private final List<Long> freed = new ArrayList<>();
  private long next;
  private long fresh;

  /// @param next where nothing is named from on
  GrainPlaces(Storage storage, int grainSize, long next) throws IOException {
    this.storage = storage;
    this.grainSize = grainSize;
    this.next = up(next);
    this.fresh = up(storage.size());
  }

  /// Room in a row.
  ///
  /// @param zeroed nothing was ever written to it
  record Room(long position, long count, boolean zeroed) {}

  /// Where nothing is named from on.
  long next() {
    return next;
  }

  private long up(long position) {
    return (position + grainSize - 1) / grainSize * grainSize;
  }

  /// Takes room that nothing refers to, neither in memory nor on disk.
  ///
  /// @param wanted grains that are useful; fewer may come
  Room take(long wanted) throws IOException {
    Long reused = free.pollFirst();
    if (reused != null) {
      return new Room(reused, 1, false);
    }
    return takeFresh(wanted);
  }

  /// Takes room at the end.
  Room takeFresh(long wanted) throws IOException {
    long count = Math.min(wanted, (END - next) / grainSize);
    if (count <= 0) {
      throw new ImageException.Unsupported(
          storage.name(), "has no number left for another grain: it ends at " + next);
    }
    boolean zeroed = next >= fresh;
    var room = new Room(next, zeroed ? count : Math.min(count, (fresh - next) / grainSize), zeroed);
    next += room.count() * grainSize;
    fresh = Math.max(fresh, next);
    if (storage.size() < next) {
      storage.resize(next);
    }
    return room;
  }

  /// Takes back room that was never published.
  void cancel(Room room) {
    if (room.position() + room.count() * grainSize == next) {
      next = room.position();
      return;
    }
    for (long i = 0; i < room.count(); i++) {
      remember(room.position() + i * grainSize);
    }
  }

  /// Room that the tables in memory name no longer; those on disk may until the next flush.
  void release(long position) {
    if (freed.size() < REMEMBERED) {
      freed.add(position);
    }
  }

  /// The tables are on disk: what they do not name may be used for something else.
  void settle() throws IOException {
    for (long position : freed) {
      long there = Math.clamp(storage.size() - position, 0, grainSize);
      if (there > 0) {
        storage.punch(position, there);
      }
      remember(position);
    }
    freed.clear();
    while (free.remove(next - grainSize)) {
      next -= grainSize;
    }
    if (storage.size() > next) {
      storage.resize(next);
    }
    fresh = next;
  }

  private void remember(long position) {
    if (free.size() < REMEMBERED) {
      free.add(position);
    }
  }
}
