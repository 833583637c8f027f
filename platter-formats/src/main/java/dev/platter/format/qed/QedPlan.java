package dev.platter.format.qed;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Option;
import dev.platter.image.Options;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.map.TwoLevelLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/// The layout of a new image: header, L1 table, L2 tables, clusters in the order of the disk.
final class QedPlan {
  private static final String CLUSTER_SIZE = "cluster_size";
  private static final String TABLE_SIZE = "table_size";

  static final List<Option> OPTIONS =
      List.of(
          Option.size(CLUSTER_SIZE, "64K", "bytes of a cluster, a power of two from 4K to 64M"),
          Option.number(TABLE_SIZE, "4", "clusters of a table: 1, 2, 4, 8 or 16"));

  /// What every program reads.
  static final int LONGEST_NAME = 1023;

  private final Blueprint blueprint;
  private final long clusterSize;
  private final long tableSize;
  private final byte[] backing;
  private final Allocation clusters;
  private final TwoLevelLayout tables;
  private final long tablePosition;
  private final long secondPosition;
  private final long dataPosition;

  QedPlan(Blueprint blueprint, Allocation allocation) {
    Options options = blueprint.options();
    this.blueprint = blueprint;
    this.clusterSize = options.size(CLUSTER_SIZE);
    require(
        QedHeader.power(clusterSize, QedHeader.SMALLEST_CLUSTER, QedHeader.LARGEST_CLUSTER),
        CLUSTER_SIZE + "=" + clusterSize + ": expected a power of two from 4K to 64M");
    this.tableSize = options.number(TABLE_SIZE);
    require(
        QedHeader.power(tableSize, 1, QedHeader.LARGEST_TABLE),
        TABLE_SIZE + "=" + tableSize + ": expected 1, 2, 4, 8 or 16");
    this.backing =
        blueprint
            .backing()
            .map(parent -> parent.name().getBytes(StandardCharsets.UTF_8))
            .orElse(new byte[0]);
    require(
        backing.length <= LONGEST_NAME,
        "the parent's name has " + backing.length + " bytes, the limit is " + LONGEST_NAME);
    checkSize();
    this.clusters = clusters(allocation);
    this.tables =
        new TwoLevelLayout(
            clusters,
            new TwoLevelLayout.Style(
                clusterSize, entries(), tableBytes(), QedTables.ZERO, ByteOrder.LITTLE_ENDIAN));
    this.tablePosition = clusterSize;
    this.secondPosition = tablePosition + tableBytes();
    this.dataPosition = secondPosition + tables.secondBytes();
  }

  private static void require(boolean fine, String otherwise) {
    if (!fine) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  private int entries() {
    return (int) (tableBytes() / Long.BYTES);
  }

  private long tableBytes() {
    return tableSize * clusterSize;
  }

  /// Files end below 2^62: data, with as many bytes of tables at most.
  private void checkSize() {
    int bits = 2 * Long.numberOfTrailingZeros(entries()) + Long.numberOfTrailingZeros(clusterSize);
    long most = 1L << Math.min(bits, 60);
    require(
        blueprint.size() >= 0 && blueprint.size() <= most,
        "a QED image with clusters of "
            + clusterSize
            + " bytes and tables of "
            + tableSize
            + " clusters holds a disk of at most "
            + most
            + " bytes, not "
            + blueprint.size());
  }

  private boolean child() {
    return blueprint.backing().isPresent();
  }

  /// The runs in whole clusters. Zeros are said where a parent would show through; where a cluster
  /// has other bytes too, they are stored.
  private Allocation clusters(Allocation allocation) {
    var runs = new Allocation.Builder();
    for (int run = 0; run < allocation.count(); run++) {
      long start = allocation.start(run);
      long end = allocation.end(run);
      if (!allocation.isZero(run)) {
        runs.data(start, end - start);
      } else if (child()) {
        zeros(runs, start, end, allocation.size());
      }
    }
    return runs.build(allocation.size()).align(clusterSize);
  }

  private void zeros(Allocation.Builder runs, long start, long end, long size) {
    long first = Math.min((start + clusterSize - 1) & -clusterSize, end);
    long last = end == size ? end : Math.max(end & -clusterSize, first);
    if (start < first) {
      runs.data(start, first - start);
    }
    if (first < last) {
      runs.zero(first, last - first);
    }
    if (last < end) {
      runs.data(last, end - last);
    }
  }

  Plan plan() {
    long end = dataPosition + clusters.dataBytes();
    return Plan.of(PlannedFile.main(end, new Pieces()));
  }

  private byte[] header() {
    long features = 0;
    if (child()) {
      boolean raw = blueprint.backing().get().format().filter("raw"::equals).isPresent();
      features = QedHeader.BACKING | (raw ? QedHeader.RAW_BACKING : 0);
    }
    var header =
        new QedHeader(
            QedHeader.SIGNATURE,
            clusterSize,
            tableSize,
            1,
            features,
            0,
            0,
            tablePosition,
            (blueprint.size() + 511) & -512,
            child() ? QedHeader.STRUCT.size() : 0,
            backing.length);
    byte[] fields = QedHeader.STRUCT.encode(header);
    byte[] bytes = Arrays.copyOf(fields, fields.length + backing.length);
    System.arraycopy(backing, 0, bytes, fields.length, backing.length);
    return bytes;
  }

  private void fillFirst(long start, MemorySegment target) {
    tables.fillFirst(start, target, secondPosition);
  }

  private void fillSecond(long start, MemorySegment target) {
    tables.fillSecond(start, target, rank -> dataPosition + rank * clusterSize);
  }

  /// Three or two pieces of metadata, then one for every run of data, made when it is looked at.
  private final class Pieces extends AbstractList<Piece> implements RandomAccess {
    private final List<Piece> metadata;
    private final int[] runs;

    private Pieces() {
      Piece header = Piece.bytes(0, header());
      Piece first = new Piece.Metadata(tablePosition, tableBytes(), QedPlan.this::fillFirst);
      long length = dataPosition - secondPosition;
      this.metadata =
          length == 0
              ? List.of(header, first)
              : List.of(
                  header,
                  first,
                  new Piece.Metadata(secondPosition, length, QedPlan.this::fillSecond));
      int[] data = new int[clusters.count()];
      int count = 0;
      for (int run = 0; run < clusters.count(); run++) {
        if (!clusters.isZero(run)) {
          data[count++] = run;
        }
      }
      this.runs = Arrays.copyOf(data, count);
    }

    @Override
    public Piece get(int index) {
      if (index < metadata.size()) {
        return metadata.get(index);
      }
      int run = runs[index - metadata.size()];
      long start = clusters.start(run);
      return new Piece.Guest(
          dataPosition + clusters.dataBefore(run), clusters.end(run) - start, start);
    }

    @Override
    public int size() {
      return metadata.size() + runs.length;
    }
  }
}
