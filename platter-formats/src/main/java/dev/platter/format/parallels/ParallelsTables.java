package dev.platter.format.parallels;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.Mapping;
import dev.platter.io.Storage;
import dev.platter.map.FlatMap;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.nio.ByteOrder;

/// What changes in an image while it is written: the map, and which places are free; and the order
/// in which it goes to disk.
final class ParallelsTables {
  private static final int MAP = 0;
  private static final int LARGEST_PAGE = 64 << 10;

  private final Storage storage;
  private final ParallelsHeader header;
  private final TableCache cache;
  private final FlatMap map;
  private final ParallelsPlaces places;
  private volatile long knownEnd;
  private boolean newClusters;
  private boolean broken;

  ParallelsTables(Storage storage, ParallelsHeader header, Limits limits) {
    this.storage = storage;
    this.header = header;
    int base = ParallelsHeader.STRUCT.size();
    long bytes = Math.max(4 * header.entries(), 1);
    long page = Math.clamp(Long.highestOneBit(bytes), 512, LARGEST_PAGE);
    this.cache =
        new TableCache(storage, ByteOrder.LITTLE_ENDIAN, base, (int) page, limits.tableCache());
    var entries = new FlatMap.Entries(header::meaning, header.step(), ParallelsHeader.ENTRY_END);
    this.map = new FlatMap(cache, base, header.entries(), header.cluster(), entries);
    this.places = new ParallelsPlaces(storage, header);
  }

  Storage storage() {
    return storage;
  }

  /// The header as it was when the image was opened.
  ParallelsHeader header() {
    return header;
  }

  /// The map with all changes.
  FlatMap map() {
    return map;
  }

  ParallelsPlaces places() {
    return places;
  }

  /// The longest run from `offset` on that is of one kind and in one piece.
  Mapping map(long offset, long length) throws IOException {
    Mapping found = map.map(storage, offset, length);
    return found instanceof Mapping.Stored stored ? inFile(stored, offset) : found;
  }

  /// The part of a run that the file has; what it does not have cannot be read, and must not be
  /// written: the place may belong to nobody, or to two.
  private Mapping.Stored inFile(Mapping.Stored run, long offset) throws IOException {
    long position = run.position();
    boolean behindTables = position >= header.dataStart();
    if (behindTables && position + run.length() <= knownEnd) {
      return run;
    }
    long end = storage.size();
    knownEnd = end;
    if (position >= end || !behindTables) {
      long block = offset / header.cluster();
      throw new ImageException.Corrupt(
          storage.name(),
          "entry of cluster "
              + block
              + " at "
              + map.position(block)
              + " is "
              + map.entry(block)
              + ", which is not between the start of the data at "
              + header.dataStart()
              + " and the end of the file at "
              + end);
    }
    return new Mapping.Stored(storage, position, Math.min(run.length(), end - position));
  }

  /// Clusters have got places and bytes there.
  void publish(long block, ParallelsPlaces.Room room) throws IOException {
    newClusters = true;
    for (long i = 0; i < room.count(); i++) {
      map.set(block + i, header.entry(room.place() + i), MAP);
    }
    flushIfCrowded();
  }

  /// Makes a cluster one that is not in the image.
  void clear(long block) throws IOException {
    map.set(block, 0, MAP);
    flushIfCrowded();
  }

  private void flushIfCrowded() throws IOException {
    if (cache.crowded()) {
      flush();
    }
  }

  /// Whether what is in memory and on disk can be trusted: no flush has failed.
  boolean sound() {
    return !broken;
  }

  /// Data comes first: an entry on disk never names a place that has not got its bytes. After a
  /// failure nothing is written any more.
  void flush() throws IOException {
    boolean fine = !broken;
    broken = true;
    if (fine && cache.isDirty(MAP)) {
      if (newClusters) {
        storage.flush();
        newClusters = false;
      }
      cache.writeBack(MAP);
    }
    storage.flush();
    if (fine) {
      places.settle();
      knownEnd = 0;
    }
    broken = !fine;
  }
}
