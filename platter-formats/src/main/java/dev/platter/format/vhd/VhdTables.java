package dev.platter.format.vhd;

import dev.platter.image.ImageException;
import dev.platter.io.Storage;
import dev.platter.map.SectorBitmap;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// The block allocation table, the bitmaps in front of the blocks, and XenServer's batmap.
///
/// Changes are in memory until [#writeFresh] and [#writeKnown]: what nothing on disk refers to yet
/// goes out first, then, once it is durable, what refers to it.
final class VhdTables {
  /// Where a block that is not in the image is.
  static final long NOWHERE = -1;

  private static final int SECTOR = VhdFooter.SECTOR;
  private static final int TABLE_PAGE = 4096;

  /// Bitmaps of blocks that the table on disk does not name.
  private static final int FRESH = 0;

  /// Everything that the image on disk already refers to.
  private static final int KNOWN = 1;

  private final Storage storage;
  private final VhdDynamicHeader header;
  private final long diskSize;
  private final TableCache table;
  private final TableCache bitmaps;
  private final SectorBitmap sectors;
  private final Optional<VhdBatmap> batmap;
  private final Set<Long> fresh = new HashSet<>();
  private volatile long fileEnd;

  VhdTables(VhdFile file) throws IOException {
    this.storage = file.storage();
    this.header = file.blocks();
    this.diskSize = file.footer().size();
    long memory = file.context().limits().tableCache();
    this.table =
        new TableCache(storage, ByteOrder.BIG_ENDIAN, header.tableOffset(), TABLE_PAGE, memory / 2);
    this.bitmaps = new TableCache(storage, ByteOrder.BIG_ENDIAN, 0, SECTOR, memory / 2);
    this.sectors = new SectorBitmap(bitmaps, SectorBitmap.Order.HIGH_FIRST);
    this.batmap = file.batmap().map(b -> new VhdBatmap(storage, header, b));
    this.fileEnd = storage.size();
  }

  /// How many blocks the disk has.
  long blocks() {
    return (diskSize + header.blockSize() - 1) / header.blockSize();
  }

  /// A block's entry in the table.
  long entry(long block) throws IOException {
    return table.getInt(entryPosition(block));
  }

  /// How many blocks have an entry that names a place.
  long allocated() throws IOException {
    long count = 0;
    for (long block = next(0); block < blocks(); block = next(block + 1)) {
      count++;
    }
    return count;
  }

  /// The first block from one on that has an entry that names a place; [#blocks] if none has.
  long next(long block) throws IOException {
    long rest = blocks() - block;
    return rest <= 0
        ? blocks()
        : block + table.countInts(entryPosition(block), rest, VhdDynamicHeader.FREE_ENTRY, 0);
  }

  /// Where a block's entry stands.
  long entryPosition(long block) {
    return header.tableOffset() + 4 * block;
  }

  /// Where a block's bitmap starts, its data right behind; [#NOWHERE] if it is not in the image.
  long place(long block) throws IOException {
    long entry = entry(block);
    if (entry == VhdDynamicHeader.FREE_ENTRY) {
      return NOWHERE;
    }
    long place = entry * SECTOR;
    if (place + needed(block) > fileEnd) {
      fileEnd = storage.size();
    }
    if (!isPlace(block, place, fileEnd)) {
      throw new ImageException.Corrupt(
          storage.name(),
          "entry of block "
              + block
              + " at "
              + entryPosition(block)
              + " is sector "
              + entry
              + ", where no block can be in a file of "
              + fileEnd
              + " bytes");
    }
    return place;
  }

  /// Whether a block can be there: behind the headers, apart from the table, inside the file.
  boolean isPlace(long block, long place, long end) {
    long tableEnd = header.tableOffset() + 4 * header.entries();
    return place >= VhdFooter.SIZE + VhdDynamicHeader.SIZE
        && place + needed(block) <= end
        && (place >= tableEnd || place + header.stride() <= header.tableOffset());
  }

  /// Bytes of a block that the disk needs, its bitmap included: the last block may be cut.
  private long needed(long block) {
    long rest = diskSize - block * header.blockSize();
    return header.bitmapSize() + Math.min(rest, header.blockSize());
  }

  /// How many sectors of a block from one on are in the image, or are not.
  long run(long place, long sector, long limit, boolean present) throws IOException {
    return sectors.run(place, sector, limit, present);
  }

  /// How many of a block's sectors are in the image.
  long count(long place) throws IOException {
    return sectors.count(place, header.blockSize() / SECTOR);
  }

  /// Says whether sectors of a block are in the image.
  void fill(long block, long place, long sector, long count, boolean present) throws IOException {
    if (!present && batmap.isPresent()) {
      batmap.get().clear(block);
    }
    sectors.fill(place, sector, count, present, fresh.contains(block) ? FRESH : KNOWN);
  }

  /// Gives a block a place; none of its sectors is in the image.
  void add(long block, long place) throws IOException {
    bitmaps.clear(place, header.bitmapSize(), FRESH);
    table.setInt(entryPosition(block), place / SECTOR, KNOWN);
    fresh.add(block);
    if (batmap.isPresent()) {
      batmap.get().clear(block);
    }
  }

  /// Makes a block one that is not in the image.
  void remove(long block, long place) throws IOException {
    bitmaps.forget(place, header.bitmapSize());
    set(block, VhdDynamicHeader.FREE_ENTRY);
    fresh.remove(block);
    if (batmap.isPresent()) {
      batmap.get().clear(block);
    }
  }

  /// Changes an entry.
  void set(long block, long entry) throws IOException {
    table.setInt(entryPosition(block), entry, KNOWN);
  }

  /// Whether so much has changed that it should be written.
  boolean crowded() {
    return table.crowded() || bitmaps.crowded();
  }

  /// Whether something has changed.
  boolean isDirty() {
    return table.isDirty(KNOWN) || bitmaps.isDirty(KNOWN) || bitmaps.isDirty(FRESH);
  }

  /// Writes what nothing on disk refers to, and the batmap: its bits are only ever taken away.
  void writeFresh() throws IOException {
    if (batmap.isPresent()) {
      batmap.get().write();
    }
    bitmaps.writeBack(FRESH);
  }

  /// Writes the rest. What [#writeFresh] wrote, and all data, is durable.
  void writeKnown() throws IOException {
    bitmaps.writeBack(KNOWN);
    table.writeBack(KNOWN);
    fresh.clear();
  }

  /// The batmap, if there is one.
  Optional<VhdBatmap> batmap() {
    return batmap;
  }

  /// Copies a block with its bitmap to another place.
  void copy(long from, long to) throws IOException {
    byte[] piece = new byte[(int) Math.min(header.stride(), 1 << 20)];
    for (long done = 0; done < header.stride(); done += piece.length) {
      MemorySegment part =
          MemorySegment.ofArray(piece).asSlice(0, Math.min(piece.length, header.stride() - done));
      storage.read(from + done, part);
      storage.write(to + done, part);
    }
  }
}
