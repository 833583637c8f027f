package dev.platter.format.parallels;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Which places of an image are free: those in the file that no entry names, and all behind it. The
/// map is the only account of them.
final class ParallelsPlaces {
  /// Free places that are remembered; more of them stay unused until the image is opened again.
  static final int REMEMBERED = 1 << 16;

  private final Storage storage;
  private final ParallelsHeader header;
  private final TreeSet<Long> free = new TreeSet<>();
  private final List<Long> freed = new ArrayList<>();
  private boolean trims;
  private long next;
  private long fresh;

  ParallelsPlaces(Storage storage, ParallelsHeader header) {
    this.storage = storage;
    this.header = header;
  }

  /// Places in a row.
  ///
  /// @param zeroed nothing was ever written to them
  record Room(long place, long count, boolean zeroed) {}

  /// Starts giving out places.
  ///
  /// @param unused places of the file that nothing owns
  /// @param all whether everything else in the file has an owner that is known, so that the file
  ///   may be cut behind the last of them
  void start(Iterable<Long> unused, boolean all) throws IOException {
    next = header.placesBefore(storage.size());
    fresh = next;
    trims = all;
    free.clear();
    unused.forEach(free::add);
    if (next > 0 && !free.contains(next - 1)) {
      // the file may end inside a cluster, which is going to be written as a whole
      extend(next);
    }
  }

  /// Takes places that nothing refers to, neither in memory nor on disk.
  ///
  /// @param wanted how many are useful; fewer may come
  Room take(long wanted) throws IOException {
    Long reused = free.pollFirst();
    if (reused != null) {
      long count = 1;
      while (count < wanted && free.remove(reused + count)) {
        count++;
      }
      extend(reused + count);
      return new Room(reused, count, false);
    }
    long count = Math.min(wanted, header.namedPlaces() - next);
    if (count <= 0) {
      throw new ImageException.Unsupported(
          storage.name(), "has no number left for another cluster: " + next + " are taken");
    }
    boolean zeroed = next >= fresh;
    Room room = new Room(next, zeroed ? count : Math.min(count, fresh - next), zeroed);
    extend(next + room.count());
    next += room.count();
    fresh = Math.max(fresh, next);
    return room;
  }

  private void extend(long places) throws IOException {
    if (storage.size() < header.place(places)) {
      storage.resize(header.place(places));
    }
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

  /// A place that the map in memory names no longer; the map on disk may name it until the next
  /// flush.
  void release(long place) {
    if (freed.size() < REMEMBERED) {
      freed.add(place);
    }
  }

  /// The map is on disk: what it does not name may be used for something else.
  void settle() throws IOException {
    for (long place : freed) {
      long there = Math.clamp(storage.size() - header.place(place), 0, header.cluster());
      if (there > 0) {
        storage.punch(header.place(place), there);
      }
      remember(place);
    }
    freed.clear();
  }

  private void remember(long place) {
    if (free.size() < REMEMBERED) {
      free.add(place);
    }
  }

  /// Cuts the file behind the last place that is taken. The map on disk names none behind it.
  ///
  /// @return bytes that were cut off
  long trim() throws IOException {
    while (trims && free.remove(next - 1)) {
      next--;
    }
    long before = storage.size();
    if (!trims || before <= header.place(next)) {
      return 0;
    }
    storage.resize(header.place(next));
    fresh = next;
    return before - header.place(next);
  }
}
