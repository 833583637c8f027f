package dev.platter.format.vmdk;

import dev.platter.image.ImageException;
import dev.platter.image.Limits;
import dev.platter.io.Storage;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.nio.ByteOrder;

/// The grain tables of an extent, and the second set of them where there is one.
///
/// Readers follow the first set; every change goes to both. An entry is the sector of a grain.
final class GrainTables {
  /// Tables that one question looks at, so that it is answered soon.
  private static final int MOST_TABLES = 4096;

  private static final int PAGE = 64 << 10;
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final int SECOND_TABLE = 0;
  private static final int FIRST_TABLE = 1;
  private static final int SECOND_DIRECTORY = 2;
  private static final int FIRST_DIRECTORY = 3;

  private final Storage storage;
  private final GrainLayout layout;
  private final TableCache cache;
  private final long first;
  private final long second;
  private volatile long end;

  GrainTables(Storage storage, GrainLayout layout, Limits limits) throws IOException {
    this.storage = storage;
    this.layout = layout;
    this.first = layout.directory() * SECTOR;
    this.second = layout.redundant() * SECTOR;
    this.cache = cache(pageSize(limits), limits);
  }

  private TableCache cache(int pageSize, Limits limits) {
    return new TableCache(storage, ByteOrder.LITTLE_ENDIAN, 0, pageSize, limits.tableCache());
  }

  /// A page must not have tables and grains in it, unless nothing is written. All programs have
  /// their tables in front of the grains, but none has to.
  private int pageSize(Limits limits) throws IOException {
    if (!storage.writable()) {
      return PAGE;
    }
    long border = layout.overhead() < 1L << 32 ? layout.overhead() * SECTOR : 0;
    int page = Math.min(PAGE, layout.grainSize());
    while (page > SECTOR && border % page != 0) {
      page /= 2;
    }
    boolean inFront = true;
    for (Copy copy : mirrored() ? Copy.values() : new Copy[] {Copy.FIRST}) {
      long directory = directory(copy);
      long highest = cache(PAGE, limits).largestInt(directory, layout.tables(), 1L << 32);
      inFront &= directory + layout.directoryBytes() <= border;
      inFront &= highest * SECTOR + layout.tableBytes() <= border;
    }
    return inFront ? page : SECTOR;
  }

  /// Which of the two sets.
  enum Copy {
    FIRST,
    SECOND
  }

  boolean mirrored() {
    return second > 0;
  }

  /// Where a set's directory is.
  long directory(Copy copy) {
    return copy == Copy.FIRST ? first : second;
  }

  /// The sector of a table, as the directory has it; 0 if there is none.
  long tableSector(long number, Copy copy) throws IOException {
    return cache.getInt(directory(copy) + 4 * number);
  }

  /// Where a table is; 0 if there is none.
  long table(long number, Copy copy) throws IOException {
    long position = tableSector(number, copy) * SECTOR;
    if (position != 0 && !inFile(position + layout.tableBytes())) {
      throw new ImageException.Corrupt(
          storage.name(),
          "entry "
              + number
              + " of the grain directory at "
              + directory(copy)
              + " names a table at "
              + position
              + ", and the file ends at "
              + storage.size());
    }
    return position;
  }

  /// Whether the file reaches up to a position.
  boolean inFile(long position) throws IOException {
    if (position > end) {
      end = storage.size();
    }
    return position <= end;
  }

  /// A grain's entry, 0 if it has no table.
  long entry(long grain) throws IOException {
    return entry(grain, Copy.FIRST);
  }

  long entry(long grain, Copy copy) throws IOException {
    long table = table(grain / layout.entries(), copy);
    return table == 0 ? 0 : cache.getInt(table + 4 * (grain % layout.entries()));
  }

  /// How many grains from one on, at most `limit`, have the entries `value`, `value + step` and so
  /// on.
  ///
  /// @param value the entry of the first
  long count(long grain, long limit, long value, long step) throws IOException {
    return count(Copy.FIRST, grain, limit, value, step);
  }

  /// How many grains from one on, at most `limit`, have the same entry in both sets; a few more may
  /// follow, and 0 says that the first one differs.
  long agreeing(long grain, long limit) throws IOException {
    long entry = entry(grain);
    if (entry != entry(grain, Copy.SECOND)) {
      return 0;
    }
    long step = entry > SparseExtent.ZERO_MARK ? layout.grainSectors() : 0;
    long first = count(Copy.FIRST, grain, limit, entry, step);
    return count(Copy.SECOND, grain, first, entry, step);
  }

  private long count(Copy copy, long grain, long limit, long value, long step) throws IOException {
    long done = 0;
    for (int tables = 0; done < limit && tables < MOST_TABLES; tables++) {
      long index = (grain + done) % layout.entries();
      long span = Math.min(layout.entries() - index, limit - done);
      long table = table((grain + done) / layout.entries(), copy);
      long expected = value + done * step;
      long same = expected == 0 ? span : 0;
      if (table != 0) {
        same = cache.countInts(table + 4 * index, span, expected, step);
      }
      done += same;
      if (same < span) {
        break;
      }
    }
    return Math.max(done, 1);
  }

  /// The highest entry of a table, -1 if it has none.
  long highest(long number) throws IOException {
    long table = table(number, Copy.FIRST);
    return table == 0 ? -1 : cache.largestInt(table, layout.entries(), 1L << 32);
  }

  /// Changes a grain's entry in both sets; it has a table.
  void set(long grain, long entry) throws IOException {
    long number = grain / layout.entries();
    long at = 4 * (grain % layout.entries());
    cache.setInt(table(number, Copy.FIRST) + at, entry, FIRST_TABLE);
    setSecond(grain, entry);
  }

  /// Changes a grain's entry in the second set alone, if it has a table there.
  void setSecond(long grain, long entry) throws IOException {
    long table = mirrored() ? table(grain / layout.entries(), Copy.SECOND) : 0;
    if (table != 0) {
      cache.setInt(table + 4 * (grain % layout.entries()), entry, SECOND_TABLE);
    }
  }

  /// Makes an empty table known, whose sectors are already zeros.
  void setTable(long number, Copy copy, long position) throws IOException {
    cache.clear(position, layout.tableBytes(), copy == Copy.FIRST ? FIRST_TABLE : SECOND_TABLE);
    pointTable(number, copy, position);
  }

  /// Makes a directory name a table.
  void pointTable(long number, Copy copy, long position) throws IOException {
    cache.setInt(
        directory(copy) + 4 * number,
        position / SECTOR,
        copy == Copy.FIRST ? FIRST_DIRECTORY : SECOND_DIRECTORY);
  }

  /// Gives back memory of tables that can be read again.
  void trim() {
    cache.trim();
  }

  boolean crowded() {
    return cache.crowded();
  }

  boolean dirty() {
    return cache.isDirty(FIRST_TABLE)
        || cache.isDirty(SECOND_TABLE)
        || cache.isDirty(FIRST_DIRECTORY)
        || cache.isDirty(SECOND_DIRECTORY);
  }

  /// Makes everything durable: what entries name first, then the second set, then the one that
  /// readers follow.
  void flush() throws IOException {
    storage.flush();
    for (int stage = SECOND_TABLE; stage <= FIRST_DIRECTORY; stage++) {
      if (cache.isDirty(stage)) {
        cache.writeBack(stage);
        storage.flush();
      }
    }
  }
}
