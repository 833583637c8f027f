package dev.platter.format.qcow;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.map.TwoLevelLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;

/// The layout of a new image whose clusters are stored as they are: header, name, L1 table, L2
/// tables, clusters in the order of the disk.
final class Qcow1Plan {
  private final Qcow1Options options;
  private final Allocation clusters;
  private final TwoLevelLayout tables;
  private final long secondPosition;
  private final long dataPosition;

  Qcow1Plan(Blueprint blueprint, Allocation allocation) {
    this.options = Qcow1Options.of(blueprint);
    this.clusters = clusters(allocation, blueprint.backing().isPresent());
    this.tables = layout(options, clusters);
    boolean empty = clusters.count() == 0;
    this.secondPosition = empty ? options.end() : options.up(options.end());
    this.dataPosition = secondPosition + tables.secondBytes();
  }

  static TwoLevelLayout layout(Qcow1Options options, Allocation clusters) {
    return new TwoLevelLayout(
        clusters,
        new TwoLevelLayout.Style(
            options.clusterSize(),
            options.entries(),
            options.up((long) options.entries() * Long.BYTES),
            0,
            ByteOrder.BIG_ENDIAN));
  }

  /// The runs in whole clusters. There is no mark for zeros, so those that hide a parent are
  /// stored.
  private Allocation clusters(Allocation allocation, boolean child) {
    var runs = new Allocation.Builder();
    for (int run = 0; run < allocation.count(); run++) {
      if (child || !allocation.isZero(run)) {
        runs.data(allocation.start(run), allocation.end(run) - allocation.start(run));
      }
    }
    return runs.build(allocation.size()).align(options.clusterSize());
  }

  Plan plan() {
    return Plan.of(PlannedFile.main(dataPosition + clusters.dataBytes(), new Pieces()));
  }

  /// Header, name and L1 table.
  ///
  /// @param secondPosition where L2 tables are
  static List<Piece> head(Qcow1Options options, TwoLevelLayout tables, long secondPosition) {
    Qcow1Header header = options.header();
    List<Piece> pieces = new ArrayList<>();
    pieces.add(Piece.bytes(0, options.start()));
    pieces.add(
        new Piece.Metadata(
            header.tablePosition(),
            Long.BYTES * header.tables(),
            (start, target) -> tables.fillFirst(start, target, secondPosition)));
    return pieces;
  }

  private void fillSecond(long start, MemorySegment target) {
    tables.fillSecond(start, target, rank -> dataPosition + rank * options.clusterSize());
  }

  /// Metadata, then a piece for every run of data, made when it is looked at.
  private final class Pieces extends AbstractList<Piece> implements RandomAccess {
    private final List<Piece> metadata = head(options, tables, secondPosition);

    private Pieces() {
      if (dataPosition > secondPosition) {
        long length = dataPosition - secondPosition;
        metadata.add(new Piece.Metadata(secondPosition, length, Qcow1Plan.this::fillSecond));
      }
    }

    @Override
    public Piece get(int index) {
      if (index < metadata.size()) {
        return metadata.get(index);
      }
      int run = index - metadata.size();
      long start = clusters.start(run);
      return new Piece.Guest(
          dataPosition + clusters.dataBefore(run), clusters.end(run) - start, start);
    }

    @Override
    public int size() {
      return metadata.size() + clusters.count();
    }
  }
}
