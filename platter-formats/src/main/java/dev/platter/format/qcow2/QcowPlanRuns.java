package dev.platter.format.qcow2;

import dev.platter.image.Allocation;

/// Runs of a disk, made to fit what an image can say.
final class QcowPlanRuns {
  private QcowPlanRuns() {}

  /// The runs in whole units of the image: subclusters, or clusters where there are none.
  ///
  /// Zeros are said where a parent would show through, and only there. Where they cannot be said (a
  /// part of a unit, or any in version 2) they are stored: the source reads as zeros there.
  static Allocation units(QcowPlanOptions options, Allocation allocation) {
    var builder = new Allocation.Builder();
    boolean hiding = options.backing().isPresent();
    for (int run = 0; run < allocation.count(); run++) {
      long start = allocation.start(run);
      long end = allocation.end(run);
      if (!allocation.isZero(run)) {
        builder.data(start, end - start);
      } else if (hiding && options.version() < 3) {
        builder.data(start, end - start);
      } else if (hiding) {
        zeros(builder, start, end, options.unit(), allocation.size());
      }
    }
    return builder.build(allocation.size()).align(options.unit());
  }

  private static void zeros(
      Allocation.Builder builder, long start, long end, long unit, long size) {
    long first = Math.min((start + unit - 1) & -unit, end);
    long last = end == size ? end : Math.max(end & -unit, first);
    if (start < first) {
      builder.data(start, first - start);
    }
    if (first < last) {
      builder.zero(first, last - first);
    }
    if (last < end) {
      builder.data(last, end - last);
    }
  }

  /// Only the data, in whole clusters.
  static Allocation clusters(QcowPlanOptions options, Allocation units) {
    var builder = new Allocation.Builder();
    for (int run = 0; run < units.count(); run++) {
      if (!units.isZero(run)) {
        builder.data(units.start(run), units.end(run) - units.start(run));
      }
    }
    return builder.build(units.size()).align(options.clusterSize());
  }

  /// All clusters of the disk.
  static Allocation everything(QcowPlanOptions options) {
    return Allocation.full(options.size()).align(options.clusterSize());
  }
}
