package dev.platter.format.vmdk;

import dev.platter.image.Allocation;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// The layout of a sparse extent: header, descriptor, the redundant directory with its tables, the
/// directory with its tables, and grains in the order of the disk. All tables have their room from
/// the start; those without entries are holes.
final class SparsePlan {
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final VmdkOptions options;
  private final Allocation allocation;
  private final long start;
  private final byte[] descriptor;
  private final int grainSize;

  /// @param allocation runs of the whole disk
  /// @param start where the extent starts on the disk
  /// @param descriptor empty if it is in a file of its own
  SparsePlan(VmdkOptions options, Allocation allocation, long start, byte[] descriptor) {
    this.options = options;
    this.allocation = allocation;
    this.start = start;
    this.descriptor = descriptor;
    this.grainSize = options.grainSize();
  }

  /// Sectors of the structures.
  private record Places(
      long descriptor, long second, long first, long tables, long directory, long data) {}

  private Places places(long length) {
    long coverage = (long) grainSize * VmdkLayout.ENTRIES;
    long tables = length / coverage + (length % coverage == 0 ? 0 : 1);
    long directory = (4 * tables + SECTOR - 1) / SECTOR;
    long text = (descriptor.length + SECTOR - 1L) / SECTOR;
    long room = descriptor.length == 0 ? 0 : Math.max(text, VmdkLayout.DESCRIPTOR_SECTORS);
    long second = 1 + room;
    long first = second + directory + tables * VmdkLayout.TABLE_SECTORS;
    long end = first + directory + tables * VmdkLayout.TABLE_SECTORS;
    long grain = grainSize / SECTOR;
    return new Places(room, second, first, tables, directory, (end + grain - 1) / grain * grain);
  }

  /// The extent's file.
  ///
  /// @param length bytes of the disk in it
  PlannedFile file(String name, long length) {
    Places places = places(length);
    Allocation grains = GrainEntries.slice(options, allocation, start, length).align(grainSize);
    Allocation room = GrainEntries.room(grains, options.zeroMarks());
    long size = places.data() * SECTOR + room.dataBytes();
    if (size / SECTOR > VmdkLayout.SECTORS || size < 0) {
      throw new IllegalArgumentException(
          "a sparse VMDK extent is a file of at most 2 TiB, and "
              + room.dataBytes()
              + " bytes of a disk of "
              + length
              + " do not fit; use a flat or a split subformat");
    }
    var entries = new GrainEntries(grains, room, places.data(), grainSize, options.zeroMarks());
    List<Piece> pieces = new ArrayList<>();
    pieces.add(Piece.bytes(0, head(length, places)));
    if (places.tables() > 0) {
      tables(pieces, places.second(), places, entries);
      tables(pieces, places.first(), places, entries);
    }
    entries.guest(pieces, start);
    return new PlannedFile(name, size, pieces, Plan.Preallocation.OFF);
  }

  private byte[] head(long length, Places places) {
    long flags = SparseHeader.REDUNDANT | (options.zeroMarks() ? SparseHeader.ZERO_MARK : 0);
    SparseHeader header =
        SparseHeader.of(options.zeroMarks() ? 2 : 1, flags, length / SECTOR, grainSize / SECTOR)
            .placed(places.descriptor(), places.second(), places.first(), places.data());
    byte[] head = new byte[SECTOR + descriptor.length];
    System.arraycopy(SparseHeader.STRUCT.encode(header), 0, head, 0, SECTOR);
    System.arraycopy(descriptor, 0, head, SECTOR, descriptor.length);
    return head;
  }

  private void tables(List<Piece> pieces, long directory, Places places, GrainEntries entries) {
    long first = directory + places.directory();
    pieces.add(
        new Piece.Metadata(
            directory * SECTOR,
            4 * places.tables(),
            (from, target) -> {
              for (long at = 0; at + 4 <= target.byteSize(); at += 4) {
                long number = (from + at) / 4;
                target.set(INT, at, (int) (first + number * VmdkLayout.TABLE_SECTORS));
              }
            }));
    long tableBytes = VmdkLayout.TABLE_SECTORS * SECTOR;
    long coverage = (long) grainSize * VmdkLayout.ENTRIES;
    Allocation grains = entries.grains();
    for (int run = 0; run < grains.count(); ) {
      long from = grains.start(run) / coverage;
      long to = (grains.end(run) - 1) / coverage + 1;
      for (run++; run < grains.count() && grains.start(run) / coverage <= to; run++) {
        to = (grains.end(run) - 1) / coverage + 1;
      }
      long firstEntry = from * VmdkLayout.ENTRIES;
      pieces.add(
          new Piece.Metadata(
              first * SECTOR + from * tableBytes,
              (to - from) * tableBytes,
              (at, target) -> entries.fill(firstEntry + at / 4, target)));
    }
  }
}
