package dev.platter.operation;

import dev.platter.image.Finding;
import java.util.ArrayList;
import java.util.List;

/// Counts findings and keeps the first of them.
final class FindingCounter {
  private final List<Finding> kept = new ArrayList<>();
  private final long[] counts = new long[Finding.Severity.values().length];

  void add(Finding finding) {
    add(finding, 1);
  }

  /// A finding that stands for several units.
  void add(Finding finding, long units) {
    counts[finding.severity().ordinal()] += units;
    if (kept.size() < Check.Result.FINDINGS) {
      kept.add(finding);
    }
  }

  long count(Finding.Severity severity) {
    return counts[severity.ordinal()];
  }

  List<Finding> kept() {
    return List.copyOf(kept);
  }
}
