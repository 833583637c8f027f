package dev.platter.operation;

import dev.platter.image.Finding;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Counts findings and keeps the first of them.
final class FindingCounter {
  private final List<Finding> kept = new ArrayList<>();
  private final Map<Finding.Severity, Long> counts = new EnumMap<>(Finding.Severity.class);

  void add(Finding finding) {
    add(finding, 1);
  }

  /// A finding that stands for several units.
  void add(Finding finding, long units) {
    counts.merge(finding.severity(), units, Long::sum);
    if (kept.size() < Check.Result.FINDINGS) {
      kept.add(finding);
    }
  }

  long count(Finding.Severity severity) {
    return counts.getOrDefault(severity, 0L);
  }

  List<Finding> kept() {
    return List.copyOf(kept);
  }
}
