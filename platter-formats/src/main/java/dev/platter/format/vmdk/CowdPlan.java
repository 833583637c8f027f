package dev.platter.format.vmdk;

import dev.platter.image.Allocation;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The layout of an extent as ESX has them: header, grain directory, the tables that have entries,
/// and grains in the order of the disk.
final class CowdPlan {
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final int TABLE_SECTORS = CowdHeader.ENTRIES * 4 / SECTOR;

  private final VmdkOptions options;
  private final int grainSize;
  private final long coverage;
  private final Allocation grains;
  private final Allocation room;
  private long[] used = new long[16];
  private int count;

  CowdPlan(VmdkOptions options, Allocation allocation) {
    this.options = options;
    this.grainSize = options.grainSize();
    this.coverage = (long) grainSize * CowdHeader.ENTRIES;
    this.grains = GrainEntries.slice(options, allocation, 0, options.size()).align(grainSize);
    this.room = GrainEntries.room(grains, false);
    for (int run = 0; run < room.count(); run++) {
      long last = (room.end(run) - 1) / coverage;
      for (long table = room.start(run) / coverage; table <= last; table++) {
        use(table);
      }
    }
  }

  private void use(long table) {
    if (count > 0 && used[count - 1] == table) {
      return;
    }
    if (count == used.length) {
      used = Arrays.copyOf(used, 2 * count);
    }
    used[count++] = table;
  }

  /// The extent's file.
  PlannedFile file(String name) {
    long tables = options.size() / coverage + (options.size() % coverage == 0 ? 0 : 1);
    long directorySectors = (4 * tables + SECTOR - 1) / SECTOR;
    long first = CowdHeader.HEADER_SECTORS + directorySectors;
    long data = first + (long) count * TABLE_SECTORS;
    long end = data + room.dataBytes() / SECTOR;
    if (options.size() / SECTOR >= VmdkLayout.SECTORS || end >= VmdkLayout.SECTORS) {
      throw new IllegalArgumentException(
          "a vmfsSparse VMDK image, and its disk, have fewer than 2 TiB; this disk has "
              + options.size()
              + " bytes");
    }
    var entries = new GrainEntries(grains, room, data, grainSize, false);
    List<Piece> pieces = new ArrayList<>();
    pieces.add(
        Piece.bytes(
            0,
            CowdHeader.STRUCT.encode(
                CowdHeader.of(options.size() / SECTOR, grainSize / SECTOR, tables, end))));
    if (count > 0) {
      pieces.add(
          new Piece.Metadata(
              CowdHeader.HEADER_SECTORS * (long) SECTOR,
              directorySectors * SECTOR,
              (from, target) -> directory(from / 4, first, target)));
      pieces.add(
          new Piece.Metadata(
              first * SECTOR,
              (long) count * TABLE_SECTORS * SECTOR,
              (from, target) -> tables(from / 4, entries, target)));
    }
    entries.guest(pieces, 0);
    return new PlannedFile(name, end * SECTOR, pieces, Plan.Preallocation.OFF);
  }

  private void directory(long number, long first, MemorySegment target) {
    ByteBuffer out = target.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long end = number + out.remaining() / 4;
    int found = Arrays.binarySearch(used, 0, count, number);
    for (int i = found < 0 ? -found - 1 : found; i < count && used[i] < end; i++) {
      out.putInt((int) (4 * (used[i] - number)), (int) (first + (long) i * TABLE_SECTORS));
    }
  }

  /// Tables stand one behind the other, and each is for another part of the disk.
  private void tables(long at, GrainEntries entries, MemorySegment target) {
    for (long done = 0; done < target.byteSize(); ) {
      long entry = at + done / 4;
      long inTable = entry % CowdHeader.ENTRIES;
      long length = Math.min(4 * (CowdHeader.ENTRIES - inTable), target.byteSize() - done);
      long table = used[(int) (entry / CowdHeader.ENTRIES)];
      entries.fill(table * CowdHeader.ENTRIES + inTable, target.asSlice(done, length));
      done += length;
    }
  }
}
