package dev.platter.format.parallels;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Option;
import dev.platter.image.Options;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// The layout of a new image: header, map, clusters in the order of the disk.
final class ParallelsPlan {
  private static final String VARIANT = "variant";
  private static final String CLUSTER_SIZE = "cluster_size";

  static final List<Option> OPTIONS =
      List.of(
          Option.size(CLUSTER_SIZE, "1M", "bytes of a cluster, a multiple of 512"),
          Option.choice(
              VARIANT,
              List.of("extended", "classic"),
              "what the map counts: clusters, or sectors, which older programs and VirtualBox read"
                  + " (less than 2T)"));

  private static final int SECTOR = ParallelsHeader.SECTOR;
  private static final long LARGEST_CLUSTER = 64 << 20;

  /// The largest map that `qemu-img` reads.
  private static final long MOST_ENTRIES = Integer.MAX_VALUE / 4;

  private static final int HEADS = 16;
  private static final int SECTORS_A_TRACK = 32;
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
    ParallelsHeader header = header();
    Allocation stored = clusters(allocation);
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
      long length = Math.min(stored.end(run), blueprint.size()) - start;
      pieces.add(new Piece.Guest(at, length, start));
    }
    return Plan.of(PlannedFile.main(end, pieces));
  }

  private ParallelsHeader header() {
    boolean counts = blueprint.options().text(VARIANT).equals("extended");
    long most = Math.min(MOST_ENTRIES * cluster, counts ? Long.MAX_VALUE : (1L << 32) * SECTOR - 1);
    if (blueprint.size() > most) {
      throw new IllegalArgumentException(
          "a Parallels image of this kind with clusters of "
              + cluster
              + " bytes holds a disk of at most "
              + most
              + " bytes, not "
              + blueprint.size());
    }
    long sectors = (blueprint.size() + SECTOR - 1) / SECTOR;
    long entries = (sectors * SECTOR + cluster - 1) / cluster;
    long tracks = cluster / SECTOR;
    long mapEnd = ParallelsHeader.STRUCT.size() + 4 * entries;
    return new ParallelsHeader(
        counts ? ParallelsHeader.CLUSTERS : ParallelsHeader.SECTORS,
        ParallelsHeader.VERSION,
        HEADS,
        Math.min(sectors / (HEADS * SECTORS_A_TRACK), 0xffff_ffffL),
        tracks,
        entries,
        sectors,
        ParallelsHeader.CLOSED,
        (mapEnd + cluster - 1) / cluster * tracks,
        0,
        0);
  }

  /// The data in whole clusters, whose size need not be a power of two; zeros are not said.
  private Allocation clusters(Allocation allocation) {
    var builder = new Allocation.Builder();
    long covered = 0;
    for (int run = 0; run < allocation.count(); run++) {
      if (!allocation.isZero(run)) {
        long start = Math.max(allocation.start(run) / cluster * cluster, covered);
        covered = (allocation.end(run) + cluster - 1) / cluster * cluster;
        if (start < covered) {
          builder.data(start, covered - start);
        }
      }
    }
    return builder.build(allocation.size());
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
