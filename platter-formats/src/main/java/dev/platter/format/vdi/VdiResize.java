package dev.platter.format.vdi;

import dev.platter.image.Limits;
import dev.platter.image.Mapping;
import dev.platter.io.Storage;
import dev.platter.map.FlatMap;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Changes the size of the disk.
///
/// The header is one sector, which says size, blocks, and where map and data start: writing it is
/// the moment of the change. Everything that it will refer to is on disk before, in places that the
/// old header knows nothing of.
final class VdiResize {
  private static final int SECTOR = 512;
  private static final int STEP = 1 << 20;

  private final VdiTables tables;
  private final VdiHeader header;
  private final FlatMap map;
  private final Storage storage;

  /// @param tables as they are on disk
  VdiResize(VdiTables tables) {
    this.tables = tables;
    this.header = tables.header();
    this.map = tables.map();
    this.storage = tables.storage();
  }

  /// Changes the size.
  ///
  /// @return the header as it is on disk now
  VdiHeader to(long bytes, Limits limits) throws IOException {
    if (bytes > VdiPlan.MOST_BLOCKS * header.blockSize()) {
      throw refused(bytes, "is larger than " + VdiPlan.MOST_BLOCKS + " blocks");
    }
    long size = (bytes + SECTOR - 1) & -SECTOR;
    long blocks = blocks(size);
    if (header.isOld() && blocks != header.blocks()) {
      throw refused(bytes, "needs another map, and its place is fixed in VDI version 0.2");
    }
    if (4 * blocks > limits.tables()) {
      throw refused(bytes, "needs a map that is over the limit for tables");
    }
    long first = header.dataStart();
    long shift = 0;
    if (header.mapStart() + 4 * blocks > first) {
      shift = (4 * blocks + header.stride() - 1) / header.stride();
      if (header.place(shift) > 0xffff_ffffL) {
        throw refused(bytes, "needs a map that leaves no place for data below 4 GiB");
      }
    }
    if (size > header.size()) {
      zeroEnd();
    }
    if (shift > 0) {
      moveBlocks(shift);
    }
    long mapStart = shift > 0 ? first : header.mapStart();
    long taken = prepareMap(mapStart, shift, blocks);
    storage.flush();
    var at = new VdiHeader.Tables(mapStart, header.place(shift));
    VdiHeader changed = header.resized(size, blocks, taken, at);
    storage.write(0, MemorySegment.ofArray(changed.struct().encode(changed)));
    storage.flush();
    return changed;
  }

  private long blocks(long size) {
    return (size + header.blockSize() - 1) / header.blockSize();
  }

  private IllegalArgumentException refused(long bytes, String why) {
    return new IllegalArgumentException(storage.name() + ": a disk of " + bytes + " bytes " + why);
  }

  /// Zeros what the last block has behind the end of the disk: a larger disk shows it, also one
  /// that another program makes larger.
  void zeroEnd() throws IOException {
    long inBlock = header.size() % header.blockSize();
    if (inBlock == 0) {
      return;
    }
    long rest = header.blockSize() - inBlock;
    if (map.map(storage, header.size(), rest) instanceof Mapping.Stored(_, long position, _)) {
      long end = Math.min(position + rest, storage.size());
      if (position < end) {
        storage.zero(position, end - position);
      }
      if (end < position + rest) {
        storage.resize(position + rest);
      }
    }
  }

  /// Moves blocks out of the first places, as many as there are of them, in an image that stays
  /// what it is. The count comes first: other programs take it for the next free place.
  private void moveBlocks(long places) throws IOException {
    long free = Math.max(map.highest(0, header.blocks()) + 1, places);
    long end = free;
    for (long block = 0; block < header.blocks(); block++) {
      end += map.entry(block) < places ? 1 : 0;
    }
    if (end > free && end > tables.count()) {
      tables.writeCount(end);
    }
    for (long block = 0; block < header.blocks(); block++) {
      long place = map.entry(block);
      if (place < places) {
        copy(header.place(place), header.place(free));
        tables.publish(block, new VdiPlaces.Room(free, 1, false));
        free++;
      }
    }
    tables.flush();
  }

  private void copy(long from, long to) throws IOException {
    var buffer = MemorySegment.ofArray(new byte[(int) Math.min(STEP, header.stride())]);
    for (long done = 0; done < header.stride(); done += buffer.byteSize()) {
      long length = Math.min(buffer.byteSize(), header.stride() - done);
      MemorySegment part = buffer.asSlice(0, length);
      long there = Math.clamp(storage.size() - from - done, 0, length);
      storage.read(from + done, part.asSlice(0, there));
      part.asSlice(there).fill((byte) 0);
      storage.write(to + done, part);
    }
  }

  /// Writes the entries of the new map that are not on disk: those of new blocks, and all if the
  /// map moves.
  ///
  /// @param shift how many places less there are in front of each block
  /// @return the place behind the highest one that is taken
  private long prepareMap(long mapStart, long shift, long blocks) throws IOException {
    long kept = Math.min(blocks(header.size()), blocks);
    long taken = Math.max(map.highest(0, kept) + 1 - shift, 0);
    long next = taken;
    boolean fixed = header.type() == VdiHeader.FIXED;
    long mark = header.hasParent() ? VdiHeader.ZERO_ENTRY : VdiHeader.FREE_ENTRY;
    long from = shift > 0 ? 0 : kept;
    ByteBuffer window = ByteBuffer.allocate(STEP).order(ByteOrder.LITTLE_ENDIAN);
    for (long block = from; block < blocks; ) {
      window.clear();
      long start = block;
      for (; block < blocks && window.hasRemaining(); block++) {
        window.putInt((int) (block < kept ? entry(block, shift) : fixed ? next++ : mark));
      }
      MemorySegment entries = MemorySegment.ofBuffer(window.flip());
      storage.write(mapStart + 4 * start, entries);
    }
    if (fixed && next > taken) {
      // what a crash left behind the end may be anything
      storage.resize(Math.min(storage.size(), header.place(taken + shift)));
      storage.resize(header.place(next + shift));
    }
    return next;
  }

  private long entry(long block, long shift) throws IOException {
    long entry = map.entry(block);
    return entry < VdiHeader.ZERO_ENTRY ? entry - shift : entry;
  }
}
