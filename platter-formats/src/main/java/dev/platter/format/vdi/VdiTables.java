package dev.platter.format.vdi;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.image.Mapping;
import dev.platter.io.Storage;
import dev.platter.map.FlatMap;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What changes in an image: the map and the header's count, and the order in which they go to
/// disk.
final class VdiTables {
  private static final int MAP = 0;
  private static final int LARGEST_PAGE = 64 << 10;

  private final Storage storage;
  private volatile VdiHeader header;
  private final TableCache cache;
  private final FlatMap map;
  private final VdiPlaces places;
  private volatile long knownEnd;
  private volatile long countOnDisk;
  private boolean newBlocks;
  private boolean broken;

  VdiTables(Storage storage, VdiHeader header, Limits limits) {
    this.storage = storage;
    this.header = header;
    long page = Math.clamp(Long.highestOneBit(Math.max(header.mapSize(), 1)), 512, LARGEST_PAGE);
    this.cache =
        new TableCache(
            storage, ByteOrder.LITTLE_ENDIAN, header.mapStart(), (int) page, limits.tableCache());
    var entries =
        new FlatMap.Entries(header::meaning, header.extraSize() == 0 ? 1 : 0, VdiHeader.ZERO_ENTRY);
    this.map = new FlatMap(cache, header.mapStart(), header.blocks(), header.blockSize(), entries);
    this.places = new VdiPlaces(storage, header, map);
    this.countOnDisk = header.allocated();
  }

  Storage storage() {
    return storage;
  }

  VdiHeader header() {
    return header;
  }

  /// The header's description has changed on disk.
  void described(VdiHeader changed) {
    header = changed;
  }

  /// The map with all changes.
  FlatMap map() {
    return map;
  }

  VdiPlaces places() {
    return places;
  }

  /// The header's count of allocated blocks.
  long count() {
    return countOnDisk;
  }

  /// The longest run from `offset` on that is of one kind and in one piece.
  Mapping map(long offset, long length) throws IOException {
    Mapping found = map.map(storage, offset, length);
    return found instanceof Mapping.Stored stored ? inFile(stored, offset) : found;
  }

  /// The part of a run that the file has; what it does not have cannot be read, and must not be
  /// written: the place may belong to nobody, or to two.
  Mapping.Stored inFile(Mapping.Stored run, long offset) throws IOException {
    long position = run.position();
    if (position + run.length() <= knownEnd) {
      return run;
    }
    long end = storage.size();
    knownEnd = end;
    if (position >= end) {
      long block = offset / header.blockSize();
      throw new ImageException.Corrupt(
          storage.name(),
          "VDI block "
              + block
              + " has entry "
              + map.entry(block)
              + " at "
              + map.position(block)
              + ", which is position "
              + position
              + " of a file of "
              + end);
    }
    return new Mapping.Stored(storage, position, Math.min(run.length(), end - position));
  }

  /// Blocks have got places and bytes there.
  void publish(long block, VdiPlaces.Room room) throws IOException {
    newBlocks = true;
    for (long i = 0; i < room.count(); i++) {
      map.set(block + i, room.place() + i, MAP);
    }
    flushIfCrowded();
  }

  /// Gives a block a mark.
  void mark(long block, long mark) throws IOException {
    map.set(block, mark, MAP);
    flushIfCrowded();
  }

  private void flushIfCrowded() throws IOException {
    if (cache.crowded()) {
      flush();
    }
  }

  /// Whether something is to be written.
  boolean changed() {
    return !broken && cache.isDirty(MAP);
  }

  /// Data and the count of blocks come first: an entry on disk never names a place that has not got
  /// its bytes, or that a program that believes the count would give out again. A lower count comes
  /// last. After a failure nothing is written any more.
  void flush() throws IOException {
    boolean fine = !broken;
    broken = true;
    if (fine && cache.isDirty(MAP)) {
      boolean more = places.known() && places.next() > countOnDisk;
      if (more) {
        writeCount(places.next());
      }
      if (more || newBlocks) {
        storage.flush();
        newBlocks = false;
      }
      cache.writeBack(MAP);
    }
    storage.flush();
    if (fine) {
      places.settle();
      knownEnd = 0;
      if (places.known() && places.next() < countOnDisk) {
        writeCount(places.next());
      }
    }
    broken = !fine;
  }

  /// Writes the header's count of allocated blocks.
  void writeCount(long count) throws IOException {
    byte[] bytes = new byte[4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt((int) count);
    storage.write(header.struct().offset("allocated"), MemorySegment.ofArray(bytes));
    countOnDisk = count;
  }
}
