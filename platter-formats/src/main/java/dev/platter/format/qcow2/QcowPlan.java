package dev.platter.format.qcow2;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.image.Plan.Preallocation;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;

/// The layout of a new image whose clusters are stored as they are: header, refcount table,
/// refcount blocks, encryption header if there is one, L1 table, L2 tables, and behind them guest
/// data in the order of the disk. Where each thing is follows from the runs alone, so no table is
/// ever in memory.
final class QcowPlan {
  private final QcowPlanOptions options;
  private final Allocation units;
  private final Allocation clusters;
  private final QcowPlanTables tables;
  private final QcowPlanRefcounts refcounts;
  private final long encryptionPosition;
  private final long l1Position;
  private final long l2Position;
  private final long dataPosition;

  private QcowPlan(QcowPlanOptions options, Allocation allocation) {
    this.options = options;
    this.units = QcowPlanRuns.units(options, allocation);
    this.clusters =
        options.mapped()
            ? QcowPlanRuns.everything(options)
            : options.extended() ? QcowPlanRuns.clusters(options, units) : units;
    boolean parts = options.extended() && !options.rawDataFile();
    this.tables =
        new QcowPlanTables(
            options, clusters, parts ? Optional.of(units) : Optional.empty(), this::entry);
    long data = options.dataFile().isPresent() ? 0 : clusters.dataBytes() >> options.clusterBits();
    long l1 = options.clusters(options.l1Entries() * Long.BYTES);
    this.refcounts =
        options.refcounts(1 + options.encryptionClusters() + l1 + tables.count() + data);
    this.encryptionPosition = (1 + refcounts.table() + refcounts.blocks()) << options.clusterBits();
    this.l1Position = encryptionPosition + (options.encryptionClusters() << options.clusterBits());
    this.l2Position = l1Position + (l1 << options.clusterBits());
    this.dataPosition = l2Position + (tables.count() << options.clusterBits());
  }

  /// Lays out an image.
  ///
  /// @throws IllegalArgumentException if there can be no such image
  static Plan of(Blueprint blueprint, Allocation allocation) {
    var plan = new QcowPlan(QcowPlanOptions.of(blueprint), allocation);
    return plan.options.dataFile().isPresent() ? plan.twoFiles() : plan.oneFile();
  }

  private long entry(long rank, long offset) {
    return L2Entry.COPIED
        | (options.dataFile().isPresent()
            ? offset
            : dataPosition + (rank << options.clusterBits()));
  }

  private Plan oneFile() {
    return Plan.of(
        new PlannedFile(
            "",
            refcounts.clusters() << options.clusterBits(),
            pieces(),
            options.room(),
            options.cipher()));
  }

  private Plan twoFiles() {
    var image =
        new PlannedFile(
            "", refcounts.clusters() << options.clusterBits(), metadata(), Preallocation.OFF);
    var data =
        new PlannedFile(
            options.dataFile().orElseThrow(),
            options.size(),
            new GuestPieces(List.of()),
            options.room(),
            options.cipher());
    return new Plan(List.of(image, data));
  }

  private List<Piece> pieces() {
    return new GuestPieces(metadata());
  }

  private List<Piece> metadata() {
    int bits = options.clusterBits();
    long tablePosition = options.clusterSize();
    long blocksPosition = tablePosition + (refcounts.table() << bits);
    List<Piece> pieces = new ArrayList<>();
    var header =
        new QcowPlanHeader(
            options, l1Position, tablePosition, refcounts.table(), encryptionPosition);
    pieces.add(Piece.bytes(0, header.encode()));
    pieces.add(
        new Piece.Metadata(
            tablePosition,
            refcounts.table() << bits,
            (start, target) -> refcounts.fillTable(start, target, blocksPosition)));
    pieces.add(new Piece.Metadata(blocksPosition, refcounts.blocks() << bits, refcounts::fillOnes));
    options.encryption().ifPresent(draft -> pieces.add(draft.piece(encryptionPosition)));
    if (l2Position > l1Position) {
      pieces.add(
          new Piece.Metadata(
              l1Position,
              l2Position - l1Position,
              (start, target) -> tables.fillL1(start, target, l2Position)));
    }
    if (dataPosition > l2Position) {
      pieces.add(new Piece.Metadata(l2Position, dataPosition - l2Position, tables::fillL2));
    }
    return pieces;
  }

  /// Where a byte of the disk is that lies in a cluster with a place.
  private long position(long offset) {
    if (options.dataFile().isPresent()) {
      return offset;
    }
    int run = clusters.runAfter(offset);
    return dataPosition + clusters.dataBefore(run) + offset - clusters.start(run);
  }

  /// Pieces of metadata, then one for every run of data, made when it is looked at.
  private final class GuestPieces extends AbstractList<Piece> implements RandomAccess {
    private final List<Piece> before;
    private final int[] runs;

    private GuestPieces(List<Piece> before) {
      this.before = before;
      int[] data = new int[units.count()];
      int count = 0;
      for (int run = 0; run < units.count(); run++) {
        if (!units.isZero(run) && units.start(run) < options.size()) {
          data[count++] = run;
        }
      }
      this.runs = java.util.Arrays.copyOf(data, count);
    }

    @Override
    public Piece get(int index) {
      if (index < before.size()) {
        return before.get(index);
      }
      int run = runs[index - before.size()];
      long start = units.start(run);
      long end = units.end(run);
      if (options.dataFile().isPresent()) {
        end = Math.min(end, options.size());
      }
      return new Piece.Guest(position(start), end - start, start);
    }

    @Override
    public int size() {
      return before.size() + runs.length;
    }
  }
}
