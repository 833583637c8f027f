package dev.platter.format.qcow;

import dev.platter.format.codec.Compressor;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Packing;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.map.TwoLevelLayout;
import java.util.ArrayList;
import java.util.List;

/// The layout of a new image with compressed clusters: header and L1 table in front, whose sizes
/// are known; the clusters, compressed ones byte to byte; behind them the L2 tables.
final class Qcow1Packing implements Packing {
  /// Readers keep 4 KiB of what they have inflated, and a deflater cannot be told to look back less
  /// than 32 KiB.
  private static final int LARGEST_CLUSTER = 4 << 10;

  private static final int CHUNK_BITS = 13;

  private final Qcow1Options options;
  private final Allocation.Builder units = new Allocation.Builder();
  private final List<long[]> entries = new ArrayList<>();
  private long count;
  private long next;

  private Qcow1Packing(Qcow1Options options) {
    this.options = options;
    this.next = options.up(options.end());
  }

  /// Starts a layout.
  ///
  /// @throws IllegalArgumentException if there can be no such image
  static Qcow1Packing of(Blueprint blueprint) {
    Qcow1Options options = Qcow1Options.of(blueprint);
    Qcow1Options.require(
        options.clusterSize() <= LARGEST_CLUSTER,
        "compressed clusters have at most 4K, not " + options.clusterSize());
    Qcow1Options.require(
        options.backing().isEmpty(),
        "a compressed QCOW image has no backing file, as it cannot say which clusters are zeros");
    return new Qcow1Packing(options);
  }

  @Override
  public int unitSize() {
    return options.clusterSize();
  }

  @Override
  public int encodedLimit() {
    try (Compressor compressor = Compressor.deflate(0)) {
      return (int) compressor.bound(unitSize());
    }
  }

  @Override
  public Encoder encoder() {
    return new Qcow1Encoder(Compressor.deflate(0), unitSize());
  }

  @Override
  public long place(long offset, int encoded) {
    units.data(offset, options.clusterSize());
    long position = next;
    if (encoded == Encoder.RAW) {
      position = options.up(next);
      add(position);
      next = position + options.clusterSize();
    } else {
      add(Qcow1Entry.encoded(position, encoded, options.clusterBits()));
      next = position + encoded;
    }
    Qcow1Options.require(
        next <= Qcow1Entry.encodedLimit(options.clusterBits()),
        "the image becomes too large for clusters of " + options.clusterSize());
    return position;
  }

  private void add(long entry) {
    int at = (int) count & ((1 << CHUNK_BITS) - 1);
    if (at == 0) {
      entries.add(new long[1 << CHUNK_BITS]);
    }
    entries.getLast()[at] = entry;
    count++;
  }

  private long entry(long unit) {
    return entries.get((int) (unit >> CHUNK_BITS))[(int) unit & ((1 << CHUNK_BITS) - 1)];
  }

  @Override
  public Plan finish(List<Run> zeros) {
    TwoLevelLayout tables = Qcow1Plan.layout(options, units.build(options.size()));
    boolean empty = tables.secondBytes() == 0;
    long secondPosition = empty ? options.end() : options.up(next);
    List<Piece> pieces = Qcow1Plan.head(options, tables, secondPosition);
    if (!empty) {
      pieces.add(
          new Piece.Metadata(
              secondPosition,
              tables.secondBytes(),
              (start, target) -> tables.fillSecond(start, target, this::entry)));
    }
    return Plan.of(PlannedFile.main(secondPosition + tables.secondBytes(), pieces));
  }
}
