package dev.platter.format.vmdk;

import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The layout of a stream-optimized image: header, descriptor, compressed grains with a table
/// behind those that it is for, the grain directory, the footer and the end of the stream; a marker
/// in front of everything, so that it can be written and read in one pass.
final class StreamPacking implements Packing {
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final long OVERHEAD = 128;
  private static final long NONE = -1;

  private final VmdkOptions options;
  private final int grainSize;
  private final byte[] descriptor;
  private final long overhead;
  private final Map<Long, Table> tables = new TreeMap<>();
  private long current = NONE;
  private long next;

  /// A grain table.
  private static final class Table {
    private final int[] entries = new int[VmdkLayout.ENTRIES];
    private long position = NONE;
  }

  StreamPacking(VmdkOptions options) {
    this.options = options;
    this.grainSize = options.grainSize();
    this.descriptor = options.descriptor(List.of(options.ownExtent()));
    this.overhead = Math.max(OVERHEAD, 1 + descriptorSectors());
    this.next = overhead * SECTOR;
    if (tableCount() > VmdkLayout.SECTORS / VmdkLayout.TABLE_SECTORS) {
      throw new IllegalArgumentException(
          "a stream-optimized VMDK image cannot hold a disk of " + options.size() + " bytes");
    }
  }

  private long descriptorSectors() {
    long sectors = (descriptor.length + SECTOR - 1L) / SECTOR;
    return Math.max(sectors, VmdkLayout.DESCRIPTOR_SECTORS);
  }

  private long tableCount() {
    long coverage = (long) grainSize * VmdkLayout.ENTRIES;
    return options.size() / coverage + (options.size() % coverage == 0 ? 0 : 1);
  }

  @Override
  public int unitSize() {
    return grainSize;
  }

  @Override
  public int encodedLimit() {
    return GrainEncoder.limit(grainSize);
  }

  @Override
  public Encoder encoder() {
    return new GrainEncoder();
  }

  @Override
  public long place(long offset, int encoded) {
    long grain = offset / grainSize;
    long number = grain / VmdkLayout.ENTRIES;
    if (number != current) {
      closeTable();
      current = number;
    }
    long position = next;
    table(number).entries[(int) (grain % VmdkLayout.ENTRIES)] = (int) (position / SECTOR);
    next = (position + encoded + SECTOR - 1) & -SECTOR;
    checkEnd();
    return position;
  }

  private void checkEnd() {
    if (next / SECTOR > VmdkLayout.SECTORS - (1 << 20)) {
      throw new IllegalArgumentException("a stream-optimized VMDK image ends before 2 TiB");
    }
  }

  private Table table(long number) {
    return tables.computeIfAbsent(number, _ -> new Table());
  }

  /// No grain of the current table follows.
  private void closeTable() {
    if (current != NONE) {
      place(table(current));
    }
  }

  private void place(Table table) {
    table.position = next + SECTOR;
    next = table.position + VmdkLayout.TABLE_SECTORS * SECTOR;
    checkEnd();
  }

  @Override
  public Plan finish(List<Run> zeros) {
    closeTable();
    long flags = SparseHeader.COMPRESSED | SparseHeader.MARKERS;
    if (!zeros.isEmpty()) {
      flags |= SparseHeader.ZERO_MARK;
      zeros.forEach(this::mark);
    }
    tables.values().stream().filter(table -> table.position == NONE).forEach(this::place);
    List<Piece> pieces = new ArrayList<>();
    tables.values().forEach(table -> pieces.add(piece(table)));
    long directory = next + SECTOR;
    long directorySectors = (4 * tableCount() + SECTOR - 1) / SECTOR;
    pieces.add(marker(next, directorySectors, StreamMarker.DIRECTORY));
    if (tableCount() > 0) {
      pieces.add(new Piece.Metadata(directory, directorySectors * SECTOR, this::fill));
    }
    long footer = directory + (directorySectors + 1) * SECTOR;
    pieces.add(marker(footer - SECTOR, 1, StreamMarker.FOOTER));
    SparseHeader header = SparseHeader.of(3, flags, options.size() / SECTOR, grainSize / SECTOR);
    pieces.add(bytes(footer, header, directory / SECTOR));
    pieces.add(marker(footer + SECTOR, 0, StreamMarker.END));
    pieces.add(bytes(0, header, SparseHeader.AT_END));
    pieces.add(Piece.bytes(SECTOR, descriptor));
    pieces.sort(Comparator.comparingLong(Piece::position));
    return Plan.of(PlannedFile.main(footer + 2 * SECTOR, pieces));
  }

  private Piece bytes(long position, SparseHeader header, long directory) {
    SparseHeader placed = header.placed(descriptorSectors(), 0, directory, overhead);
    return Piece.bytes(position, SparseHeader.STRUCT.encode(placed));
  }

  private void mark(Run run) {
    long end = (run.offset() + run.length() + grainSize - 1) / grainSize;
    for (long grain = run.offset() / grainSize; grain < end; grain++) {
      int[] entries = table(grain / VmdkLayout.ENTRIES).entries;
      entries[(int) (grain % VmdkLayout.ENTRIES)] = (int) SparseExtent.ZERO_MARK;
    }
  }

  private static Piece marker(long position, long sectors, int kind) {
    return Piece.bytes(position, StreamMarker.sector(sectors, kind));
  }

  /// A table with its marker.
  private static Piece piece(Table table) {
    ByteBuffer bytes =
        ByteBuffer.allocate(SECTOR + 4 * VmdkLayout.ENTRIES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(StreamMarker.sector(VmdkLayout.TABLE_SECTORS, StreamMarker.TABLE));
    for (int entry : table.entries) {
      bytes.putInt(entry);
    }
    return Piece.bytes(table.position - SECTOR, bytes.array());
  }

  private void fill(long start, MemorySegment target) {
    ByteBuffer out = target.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    for (long number = start / 4; out.remaining() >= 4; number++) {
      Table table = tables.get(number);
      out.putInt(table == null ? 0 : (int) (table.position / SECTOR));
    }
  }
}
