package dev.platter.operation;

import dev.platter.BlockDevice;
import dev.platter.Extent;
import dev.platter.image.Allocation;
import java.io.IOException;
import java.util.Optional;

/// Finds out which runs of a disk a new image has to store. What the source's map calls zeros is
/// never read.
///
/// @param source the disk
/// @param detail how much is looked at
/// @param unit bytes in which the target is allocated, a power of two: data is looked for in pieces
///   of this size
/// @param parent the target's parent, if it will have one
/// @param threads how many threads look
/// @param progress who hears how far it is
public record Survey(
    BlockDevice source,
    Detail detail,
    long unit,
    Optional<Parent> parent,
    int threads,
    Progress progress) {

  /// How much is looked at.
  public enum Detail {
    /// Nothing: all is stored, zeros too.
    NOTHING,
    /// The map: what it calls data is stored.
    MAP,
    /// Also the bytes: data that is zeros, a whole unit of them, is not stored.
    BYTES
  }

  /// The parent of the target.
  ///
  /// @param size bytes of its disk
  /// @param shared from which image of the source's chain on, the top being 0, the parent has the
  ///   same bytes
  public record Parent(long size, int shared) {}

  /// Looks.
  public Allocation run() throws IOException {
    if (detail == Detail.NOTHING && parent.isEmpty()) {
      return Allocation.full(source.size());
    }
    var runs = new SurveyRuns(source.size(), unit, parent, detail == Detail.NOTHING);
    if (detail == Detail.BYTES) {
      var found = new Findings();
      walk(found::add);
      new ZeroSearch(source, found, unit, progress).run(threads, runs);
    } else {
      walk((start, end, kind) -> runs.add(start, end, kind != Findings.ZERO));
    }
    return runs.build();
  }

  @FunctionalInterface
  private interface Sink {
    void add(long start, long end, byte kind);
  }

  private void walk(Sink sink) throws IOException {
    long size = source.size();
    for (long at = 0; at < size; ) {
      progress.checkpoint();
      Extent extent = source.extent(at, size - at);
      at = extent.end();
      if (parent.isPresent() && extent.depth() >= parent.get().shared()) {
        continue;
      }
      if (!extent.kind().isZero()) {
        sink.add(extent.offset(), at, extent.encoded() ? Findings.SURE : Findings.UNSURE);
      } else if (parent.isPresent()) {
        sink.add(extent.offset(), at, Findings.ZERO);
      }
    }
  }
}
