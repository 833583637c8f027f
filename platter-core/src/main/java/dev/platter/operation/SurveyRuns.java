package dev.platter.operation;

import dev.platter.image.Allocation;
import dev.platter.operation.Survey.Parent;
import java.util.Optional;

/// Puts the runs of a survey together. For a child it keeps the runs of zeros that hide something,
/// cut to whole units; a unit that is only partly known to be zeros is stored, because its other
/// part has bytes of the parent.
final class SurveyRuns {
  private final Allocation.Builder builder = new Allocation.Builder();
  private final long size;
  private final long unit;
  private final Optional<Parent> parent;
  private final boolean storeZeros;
  private long zeroStart;
  private long zeroEnd;

  /// @param storeZeros whether zeros are stored like data
  SurveyRuns(long size, long unit, Optional<Parent> parent, boolean storeZeros) {
    this.size = size;
    this.unit = unit;
    this.parent = parent;
    this.storeZeros = storeZeros;
  }

  /// Adds a run behind all others.
  void add(long start, long end, boolean data) {
    if (data || storeZeros) {
      endZeros();
      builder.data(start, end - start);
    } else if (parent.isPresent()) {
      if (start != zeroEnd) {
        endZeros();
        zeroStart = start;
      }
      zeroEnd = end;
    }
  }

  private void endZeros() {
    long hidden = up(parent.map(Parent::size).orElse(0L));
    long end = Math.min(zeroEnd, hidden);
    if (zeroStart < end) {
      long from = Math.min(up(zeroStart), end);
      long to = Math.max(end == size || end == hidden ? end : end & -unit, from);
      store(zeroStart, from);
      if (from < to) {
        builder.zero(from, to - from);
      }
      store(to, end);
    }
    zeroStart = zeroEnd;
  }

  private void store(long start, long end) {
    if (start < end) {
      builder.data(start, end - start);
    }
  }

  private long up(long offset) {
    return offset > Long.MAX_VALUE - unit ? Long.MAX_VALUE : (offset + unit - 1) & -unit;
  }

  Allocation build() {
    endZeros();
    return builder.build(size);
  }
}
