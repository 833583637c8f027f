package dev.platter.format.vmdk;

import dev.platter.image.Packing;
import dev.platter.image.Packing.OnePass;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The layout of a stream-optimized image: header, descriptor, compressed grains with a table
/// behind those that it is for, the grain directory, the footer and the end of the stream; a marker
/// in front of everything, so that it can be written and read in one pass.
final class StreamPacking implements Packing, OnePass {
  private static final int SECTOR = SparseHeader.SECTOR;
  private static final long OVERHEAD = 128;
  private static final long NONE = -1;

  private final VmdkOptions options;
  private final int grainSize;
  private final byte[] descriptor;
  private final long overhead;
  private final Directory directory = new Directory();
  private final int[] entries = new int[VmdkLayout.ENTRIES];
  private List<Piece> settled = new ArrayList<>();
  private long current = NONE;
  private long next;

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
    settled.add(header(0, SparseHeader.AT_END));
    settled.add(Piece.bytes(SECTOR, descriptor));
  }

  /// The sectors of the tables that there are, in ascending order of their numbers.
  private static final class Directory {
    private long[] numbers = new long[16];
    private int[] sectors = new int[16];
    private int count;

    private void add(long number, long sector) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
        sectors = Arrays.copyOf(sectors, 2 * count);
      }
      numbers[count] = number;
      sectors[count++] = (int) sector;
    }

    private void fill(long start, MemorySegment target) {
      ByteBuffer out = target.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      long first = start / 4;
      long end = first + out.remaining() / 4;
      int found = Arrays.binarySearch(numbers, 0, count, first);
      for (int i = found < 0 ? -found - 1 : found; i < count && numbers[i] < end; i++) {
        out.putInt((int) (4 * (numbers[i] - first)), sectors[i]);
      }
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
    return new GrainEncoder(options.level());
  }

  @Override
  public Optional<OnePass> onePass() {
    return Optional.of(this);
  }

  @Override
  public long place(long offset, int encoded) {
    long grain = offset / grainSize;
    begin(grain / VmdkLayout.ENTRIES);
    long position = next;
    entries[(int) (grain % VmdkLayout.ENTRIES)] = (int) (position / SECTOR);
    next = (position + encoded + SECTOR - 1) & -SECTOR;
    checkEnd();
    return position;
  }

  private void checkEnd() {
    if (next / SECTOR > VmdkLayout.SECTORS - (1 << 20)) {
      throw new IllegalArgumentException("a stream-optimized VMDK image ends before 2 TiB");
    }
  }

  /// Goes on to a table that does not come before the present one.
  private void begin(long number) {
    if (number != current) {
      closeTable();
      current = number;
    }
  }

  /// No grain of the current table follows: it has its place, with a marker in front.
  private void closeTable() {
    if (current == NONE) {
      return;
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(SECTOR + 4 * VmdkLayout.ENTRIES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(StreamMarker.sector(VmdkLayout.TABLE_SECTORS, StreamMarker.TABLE));
    bytes.asIntBuffer().put(entries);
    Arrays.fill(entries, 0);
    settled.add(Piece.bytes(next, bytes.array()));
    directory.add(current, next / SECTOR + 1);
    next += bytes.capacity();
    checkEnd();
  }

  @Override
  public void zeros(Run run) {
    long end = (run.offset() + run.length() + grainSize - 1) / grainSize;
    for (long grain = run.offset() / grainSize; grain < end; grain++) {
      begin(grain / VmdkLayout.ENTRIES);
      entries[(int) (grain % VmdkLayout.ENTRIES)] = (int) SparseExtent.ZERO_MARK;
    }
  }

  @Override
  public List<Piece> settled() {
    List<Piece> now = settled;
    settled = new ArrayList<>();
    return now;
  }

  @Override
  public Plan finish(List<Run> zeros) {
    zeros.forEach(this::zeros);
    closeTable();
    long sectors = (4 * tableCount() + SECTOR - 1) / SECTOR;
    long first = next + SECTOR;
    settled.add(marker(next, sectors, StreamMarker.DIRECTORY));
    if (sectors > 0) {
      settled.add(new Piece.Metadata(first, sectors * SECTOR, directory::fill));
    }
    long footer = first + (sectors + 1) * SECTOR;
    settled.add(marker(footer - SECTOR, 1, StreamMarker.FOOTER));
    settled.add(header(footer, first / SECTOR));
    settled.add(marker(footer + SECTOR, 0, StreamMarker.END));
    return Plan.of(PlannedFile.main(footer + 2 * SECTOR, settled()));
  }

  /// The header, or the footer. Whether there will be marks of zeros is not known in front.
  private Piece header(long position, long directory) {
    long marks = options.child() ? SparseHeader.ZERO_MARK : 0;
    long flags = SparseHeader.COMPRESSED | SparseHeader.MARKERS | marks;
    SparseHeader header =
        SparseHeader.of(3, flags, options.size() / SECTOR, grainSize / SECTOR)
            .placed(descriptorSectors(), 0, directory, overhead);
    return Piece.bytes(position, SparseHeader.STRUCT.encode(header));
  }

  private static Piece marker(long position, long sectors, int kind) {
    return Piece.bytes(position, StreamMarker.sector(sectors, kind));
  }
}
