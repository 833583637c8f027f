package dev.platter.format.parallels;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Option;
import dev.platter.image.Options;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.image.Plan.Preallocation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// The layout of a new image: header, map, clusters in the order of the disk.
final class ParallelsPlan {
  private static final String VARIANT = "variant";
  private static final String CLUSTER_SIZE = "cluster_size";
  static final String BUNDLE = "bundle";
  static final String SPLIT_SIZE = "split_size";

  static final List<Option> OPTIONS =
      List.of(
          Option.size(CLUSTER_SIZE, "1M", "bytes of a cluster, a multiple of 512"),
          Option.choice(
              VARIANT,
              List.of("extended", "classic"),
              "what the map counts: clusters, or sectors, which older programs and VirtualBox read"
                  + " (less than 2T)"),
          Option.onOff(
              BUNDLE,
              false,
              "the new file is the DiskDescriptor.xml of a folder, and images are put beside it"),
          Option.size(SPLIT_SIZE, "0", "with bundle=on: bytes of the disk in an image; 0 is all"));

  private static final int SECTOR = ParallelsHeader.SECTOR;
  private static final long LARGEST_CLUSTER = 64 << 20;

  /// The largest map that `qemu-img` reads.
  private static final long MOST_ENTRIES = Integer.MAX_VALUE / 4;

  static final int HEADS = 16;
  static final int SECTORS_A_TRACK = 32;
  private static final ValueLayout.OfInt ENTRY =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Blueprint blueprint;
  private final long cluster;

  ParallelsPlan(Blueprint blueprint) {
    this.blueprint = blueprint;
    this.cluster = clusterSize(blueprint.options());
  }

  private static long clusterSize(Options options) {
    long value = options.size(CLUSTER_SIZE);
    if (value < SECTOR || value > LARGEST_CLUSTER || value % SECTOR != 0) {
      throw new IllegalArgumentException(
          "option cluster_size="
              + options.text(CLUSTER_SIZE)
              + ": expected a multiple of 512 up to "
              + LARGEST_CLUSTER);
    }
    return value;
  }

  Plan plan(Allocation allocation) {
    if (blueprint.backing().isPresent()) {
      throw new IllegalArgumentException("a new Parallels image cannot have a parent");
    }
    Options options = blueprint.options();
    if (options.on(BUNDLE)) {
      return new ParallelsBundlePlan(this, blueprint).plan(allocation);
    }
    if (options.has(SPLIT_SIZE)) {
      throw new IllegalArgumentException("option split_size is only for folders, with bundle=on");
    }
    return Plan.of(file("", 0, blueprint.size(), allocation));
  }

  /// Bytes of a cluster.
  long cluster() {
    return cluster;
  }

  /// An image of a part of the disk.
  ///
  /// @param name of the file
  /// @param offset where the part starts, a multiple of a cluster
  /// @param size bytes of the part
  /// @param allocation of the whole disk
  PlannedFile file(String name, long offset, long size, Allocation allocation) {
    ParallelsHeader header = header(size);
    Allocation stored = clusters(allocation, offset, size);
    long end = header.dataStart() + stored.dataBytes();
    if ((end - header.cluster()) / header.factor() >= ParallelsHeader.ENTRY_END) {
      throw new IllegalArgumentException(
          "a Parallels image whose map counts "
              + (header.countsClusters() ? "clusters" : "sectors")
              + " cannot be a file of "
              + end
              + " bytes");
    }
    List<Piece> pieces = new ArrayList<>();
    pieces.add(Piece.bytes(0, ParallelsHeader.STRUCT.encode(header)));
    if (header.entries() > 0) {
      pieces.add(
          new Piece.Metadata(
              ParallelsHeader.STRUCT.size(), 4 * header.entries(), new MapSource(header, stored)));
    }
    for (int run = 0; run < stored.count(); run++) {
      long start = stored.start(run);
      long at = header.dataStart() + stored.dataBefore(run);
      // what the last cluster has behind the disk's end is a hole
      long length = Math.min(stored.end(run), size) - start;
      pieces.add(new Piece.Guest(at, length, offset + start));
    }
    return new PlannedFile(name, end, pieces, Preallocation.OFF);
  }

  private ParallelsHeader header(long size) {
    boolean counts = blueprint.options().text(VARIANT).equals("extended");
    long most = Math.min(MOST_ENTRIES * cluster, counts ? Long.MAX_VALUE : (1L << 32) * SECTOR - 1);
    if (size > most) {
      throw new IllegalArgumentException(
          "a Parallels image of this kind with clusters of "
              + cluster
              + " bytes holds a disk of at most "
              + most
              + " bytes, not "
              + size);
    }
    long sectors = (size + SECTOR - 1) / SECTOR;
    long entries = (sectors * SECTOR + cluster - 1) / cluster;
    long tracks = cluster / SECTOR;
    long mapEnd = ParallelsHeader.STRUCT.size() + 4 * entries;
    return new ParallelsHeader(
        counts ? ParallelsHeader.CLUSTERS : ParallelsHeader.SECTORS,
        ParallelsHeader.VERSION,
        HEADS,
        cylinders(sectors),
        tracks,
        entries,
        sectors,
        ParallelsHeader.CLOSED,
        (mapEnd + cluster - 1) / cluster * tracks,
        0,
        0);
  }

  /// The cylinders of a disk with the usual heads and sectors.
  static long cylinders(long sectors) {
    return Math.min(sectors / (HEADS * SECTORS_A_TRACK), 0xffff_ffffL);
  }

  /// The data of a part in whole clusters, whose size need not be a power of two; zeros are not
  /// said.
  private Allocation clusters(Allocation allocation, long offset, long size) {
    var builder = new Allocation.Builder();
    long end = offset + size;
    long covered = 0;
    for (int run = allocation.runAfter(offset);
        run < allocation.count() && allocation.start(run) < end;
        run++) {
      if (!allocation.isZero(run)) {
        long from = Math.max(allocation.start(run) - offset, 0);
        long to = Math.min(allocation.end(run), end) - offset;
        long start = Math.max(from / cluster * cluster, covered);
        covered = (to + cluster - 1) / cluster * cluster;
        if (start < covered) {
          builder.data(start, covered - start);
        }
      }
    }
    return builder.build(size);
  }

  /// The map, computed where it is asked for.
  ///
  /// @param stored runs of whole clusters
  private record MapSource(ParallelsHeader header, Allocation stored) implements Plan.Source {
    @Override
    public void fill(long start, MemorySegment target) {
      long cluster = header.cluster();
      long first = start / 4;
      long end = first + target.byteSize() / 4;
      for (int run = stored.runAfter(first * cluster);
          run < stored.count() && stored.start(run) / cluster < end;
          run++) {
        long runStart = stored.start(run) / cluster;
        long from = Math.max(runStart, first);
        long to = Math.min(stored.end(run) / cluster, end);
        long place = stored.dataBefore(run) / cluster - runStart;
        for (long block = from; block < to; block++) {
          target.set(ENTRY, 4 * (block - first), (int) header.entry(place + block));
        }
      }
    }
  }
}
