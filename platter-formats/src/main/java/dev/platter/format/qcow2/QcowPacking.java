package dev.platter.format.qcow2;

import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The layout of a new image with compressed clusters: header and L1 table in front, whose sizes
/// are known; the clusters, compressed ones byte to byte; behind them L2 tables, refcount blocks
/// and the refcount table.
final class QcowPacking implements Packing {
  private final QcowPlanOptions options;
  private final RefcountWidth width;
  private final QcowPackingPlaces places;
  private final Allocation.Builder units = new Allocation.Builder();
  private final long dataPosition;
  private long next;
  private long sharers;

  private QcowPacking(QcowPlanOptions options) {
    this.options = options;
    this.width = new RefcountWidth(options.refcountOrder());
    this.places = new QcowPackingPlaces(options.clusterBits());
    long l1 = options.clusters(options.l1Entries() * Long.BYTES);
    this.dataPosition = (1 + l1) << options.clusterBits();
    this.next = dataPosition;
  }

  /// Starts a layout.
  ///
  /// @throws IllegalArgumentException if there can be no such image
  static QcowPacking of(Blueprint blueprint) {
    QcowPlanOptions options = QcowPlanOptions.of(blueprint);
    QcowPlanOptions.require(
        options.dataFile().isEmpty(), "compressed clusters cannot be in a data_file");
    QcowPlanOptions.require(
        options.encryption().isEmpty(), "encryption and compression cannot be used together");
    QcowPlanOptions.require(
        !options.mapped(), "preallocation and compression cannot be used together");
    QcowPlanOptions.require(
        options.version() >= 3 || options.backing().isEmpty(),
        "a compressed image with a backing file needs compat=1.1");
    return new QcowPacking(options);
  }

  @Override
  public int unitSize() {
    return (int) options.clusterSize();
  }

  @Override
  public int encodedLimit() {
    return QcowEncoder.limit(options.compression(), unitSize());
  }

  @Override
  public Encoder encoder() {
    return new QcowEncoder(options.compression(), options.level(), unitSize());
  }

  @Override
  public long place(long offset, int encoded) {
    long position = encoded == Encoder.RAW ? up(next) : compressedPlace();
    units.data(offset, options.clusterSize());
    if (encoded == Encoder.RAW) {
      places.add(L2Entry.COPIED | position);
      next = position + options.clusterSize();
    } else {
      places.add(L2Entry.encoded(position, encoded, options.clusterBits()));
      next = position + encoded;
      int bits = options.clusterBits();
      boolean crosses = (next - 1) >> bits > position >> bits;
      sharers = crosses ? 1 : sharers + 1;
    }
    QcowPlanOptions.require(
        next <= L2Entry.encodedLimit(options.clusterBits()),
        "the image becomes too large for compressed clusters of " + options.clusterSize());
    return position;
  }

  /// Behind the last unit, or at the next cluster if no more units can be counted in this one.
  private long compressedPlace() {
    long position = sharers < width.max() ? next : up(next);
    if (position == up(position)) {
      sharers = 0;
    }
    return position;
  }

  private long up(long position) {
    return (position + options.clusterSize() - 1) & -options.clusterSize();
  }

  @Override
  public Plan finish(List<Run> zeros) {
    Allocation clusters = merge(units.build(options.size()), zeros);
    var tables =
        new QcowPlanTables(options, clusters, Optional.empty(), (rank, _) -> places.get(rank));
    int bits = options.clusterBits();
    long l2Position = up(next);
    long blocksPosition = l2Position + (tables.count() << bits);
    var refcounts = options.refcounts(blocksPosition >> bits);
    long tablePosition = blocksPosition + (refcounts.blocks() << bits);
    List<Piece> pieces = new ArrayList<>();
    var header =
        new QcowPlanHeader(options, options.clusterSize(), tablePosition, refcounts.table(), 0);
    pieces.add(Piece.bytes(0, header.encode()));
    piece(
        pieces,
        options.clusterSize(),
        dataPosition,
        (start, target) -> tables.fillL1(start, target, l2Position));
    piece(pieces, l2Position, blocksPosition, tables::fillL2);
    piece(
        pieces,
        blocksPosition,
        tablePosition,
        (start, target) -> fillRefcounts(start, target, refcounts.clusters()));
    long end = refcounts.clusters() << bits;
    piece(
        pieces,
        tablePosition,
        end,
        (start, target) -> refcounts.fillTable(start, target, blocksPosition));
    return Plan.of(PlannedFile.main(end, pieces));
  }

  private static void piece(List<Piece> pieces, long start, long end, Plan.Source source) {
    if (start < end) {
      pieces.add(new Piece.Metadata(start, end - start, source));
    }
  }

  /// The units and, where a parent would show through, the runs of zeros.
  private Allocation merge(Allocation data, List<Run> zeros) {
    if (options.backing().isEmpty()) {
      return data;
    }
    var merged = new Allocation.Builder();
    int run = 0;
    for (Run zero : zeros) {
      for (; run < data.count() && data.start(run) < zero.offset(); run++) {
        merged.data(data.start(run), data.end(run) - data.start(run));
      }
      merged.zero(zero.offset(), up(zero.length()));
    }
    for (; run < data.count(); run++) {
      merged.data(data.start(run), data.end(run) - data.start(run));
    }
    return merged.build(options.size());
  }

  private void fillRefcounts(long start, MemorySegment target, long clusters) {
    long first = (start * 8) >> width.order();
    long room = (target.byteSize() * 8) >> width.order();
    int count = (int) Math.clamp(clusters - first, 0, room);
    long dataStart = dataPosition >> options.clusterBits();
    long dataEnd = up(next) >> options.clusterBits();
    byte[] block = new byte[(int) target.byteSize()];
    for (int at = 0; at < count; at++) {
      boolean metadata = first + at < dataStart || first + at >= dataEnd;
      width.set(block, at, metadata ? 1 : 0);
    }
    for (long unit = places.firstTouching(first);
        unit < places.count() && places.firstCluster(unit) < first + count;
        unit++) {
      long last = Math.min(places.lastCluster(unit), first + count - 1);
      for (long at = Math.max(places.firstCluster(unit), first); at <= last; at++) {
        int index = (int) (at - first);
        width.set(block, index, width.get(block, index) + 1);
      }
    }
    target.copyFrom(MemorySegment.ofArray(block));
  }
}
