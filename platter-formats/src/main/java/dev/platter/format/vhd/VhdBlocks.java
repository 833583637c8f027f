package dev.platter.format.vhd;

import dev.platter.image.Mapping;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Reservation;
import dev.platter.io.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The blocks of a dynamic or differencing image: which sectors are in it, where they are, and
/// where new ones go.
///
/// A sector is in the image if its block has a place and its bit in front of the block is set. Room
/// for a sector is there as soon as its block has a place.
final class VhdBlocks {
  private static final int SECTOR = VhdFooter.SECTOR;
  private final Storage storage;
  private final VhdTables tables;
  private final VhdSpace space;
  private final long size;
  private final long blockSize;
  private final int bitmapSize;
  private final List<Long> freed = new ArrayList<>();
  private boolean changed;

  VhdBlocks(VhdFile file) throws IOException {
    this.storage = file.storage();
    this.tables = new VhdTables(file);
    this.space = new VhdSpace(file, tables);
    this.size = file.footer().size();
    this.blockSize = file.blocks().blockSize();
    this.bitmapSize = file.blocks().bitmapSize();
  }

  VhdTables tables() {
    return tables;
  }

  VhdSpace space() {
    return space;
  }

  /// The longest run that is in the image in one piece, or is not in it.
  Mapping map(long offset, long length) throws IOException {
    long limit = Math.min(length, size - offset);
    long place = tables.place(offset / blockSize);
    if (place != VhdTables.NOWHERE) {
      long run = inBlock(place, offset, limit, true);
      if (run > 0) {
        return new Mapping.Stored(storage, place + bitmapSize + offset % blockSize, run);
      }
    }
    return new Mapping.Unallocated(absent(offset, limit));
  }

  private long absent(long offset, long limit) throws IOException {
    long at = offset;
    long end = offset + limit;
    while (at < end) {
      long block = tables.next(at / blockSize);
      at = Math.max(at, block * blockSize);
      if (at >= end) {
        return limit;
      }
      long next = Math.min((block + 1) * blockSize, end);
      long run = inBlock(tables.place(block), at, next - at, false);
      if (run < next - at) {
        return at + run - offset;
      }
      at = next;
    }
    return limit;
  }

  /// Bytes of a block from `offset` on, at most `limit`, that are in the image, or are not.
  private long inBlock(long place, long offset, long limit, boolean present) throws IOException {
    long inBlock = offset % blockSize;
    long first = inBlock / SECTOR;
    long behind = (Math.min(inBlock + limit, blockSize) + SECTOR - 1) / SECTOR;
    long run = tables.run(place, first, behind - first, present);
    return run == 0 ? 0 : Math.min((first + run) * SECTOR - inBlock, limit);
  }

  /// Room for sectors of one block that are not in the image.
  Reservation reserve(long offset, long length) throws IOException {
    if (!storage.writable()) {
      throw new ReadOnlyException(storage.name(), "is opened read-only");
    }
    long block = offset / blockSize;
    long start = offset & -SECTOR;
    long end = Math.min((offset + length + SECTOR - 1) & -SECTOR, (block + 1) * blockSize);
    long place = tables.place(block);
    if (place == VhdTables.NOWHERE) {
      return new Room(block, start, end - start, space.take(), true);
    }
    long run = inBlock(place, start, end - start, false);
    return new Room(block, start, run, place, false);
  }

  /// Takes sectors out of the image; whole blocks lose their places.
  ///
  /// @param zeros whether the sectors' bytes are zeroed, for readers that ignore bitmaps
  void remove(long offset, long length, boolean zeros) throws IOException {
    long end = Math.min(offset + length, size);
    for (long at = offset; at < end; ) {
      long block = at / blockSize;
      long next = Math.min((block + 1) * blockSize, end);
      long place = tables.place(block);
      if (place != VhdTables.NOWHERE) {
        long sector = at % blockSize / SECTOR;
        long count = (next - at + SECTOR - 1) / SECTOR;
        boolean whole = at % blockSize == 0 && next == Math.min((block + 1) * blockSize, size);
        if (!whole) {
          tables.fill(block, place, sector, count, false);
        }
        if (whole || tables.count(place) == 0) {
          tables.remove(block, place);
          freed.add(place);
        } else if (zeros) {
          storage.punch(place + bitmapSize + sector * SECTOR, count * SECTOR);
        }
        changed = true;
        relieve();
      }
      at = next;
    }
  }

  /// Makes the sectors that are in the image read as zeros, in their places.
  void zeroInPlace(long offset, long length) throws IOException {
    for (long at = offset; at < offset + length; ) {
      Mapping mapping = map(at, offset + length - at);
      if (mapping instanceof Mapping.Stored(Storage _, long position, long run)) {
        storage.zero(position, run);
      }
      at += mapping.length();
    }
  }

  /// Before the first change: nothing is written into an image whose blocks overlap.
  void prepare() throws IOException {
    space.survey();
    changed = true;
  }

  private void relieve() throws IOException {
    if (tables.crowded()) {
      flush();
    }
  }

  /// Data, and bitmaps of new blocks; barrier; what refers to them; barrier.
  void flush() throws IOException {
    boolean dirty = tables.isDirty();
    tables.writeFresh();
    storage.flush();
    if (dirty) {
      tables.writeKnown();
      storage.flush();
    }
    for (long place : freed) {
      space.release(place);
    }
    freed.clear();
  }

  /// Writes everything and cuts room that was not needed.
  void finish() throws IOException {
    if (changed) {
      flush();
      space.trim();
    }
  }

  private final class Room implements Reservation {
    private final long block;
    private final long offset;
    private final long length;
    private final long place;
    private final boolean whole;

    private Room(long block, long offset, long length, long place, boolean whole) {
      this.block = block;
      this.offset = offset;
      this.length = length;
      this.place = place;
      this.whole = whole;
    }

    @Override
    public long offset() {
      return offset;
    }

    @Override
    public long length() {
      return length;
    }

    @Override
    public Storage storage() {
      return storage;
    }

    @Override
    public long position() {
      return place + bitmapSize + offset % blockSize;
    }

    @Override
    public boolean zeroed() {
      return whole;
    }

    @Override
    public void publish() throws IOException {
      if (whole) {
        tables.add(block, place);
      }
      tables.fill(block, place, offset % blockSize / SECTOR, length / SECTOR, true);
      changed = true;
      relieve();
    }

    @Override
    public void cancel() throws IOException {
      if (whole) {
        space.cancel(place);
      }
    }
  }
}
