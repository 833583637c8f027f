package dev.platter.cli;

import java.util.Collection;
import java.util.Optional;

/// Finds what a user may have meant.
final class Nearest {
  private Nearest() {}

  /// The word that differs least from what was written, if it differs by little.
  static Optional<String> to(String written, Collection<String> words) {
    Optional<String> nearest = Optional.empty();
    int least = Math.max(1, written.length() / 3) + 1;
    for (String word : words) {
      int distance = distance(written, word);
      if (distance < least) {
        least = distance;
        nearest = Optional.of(word);
      }
    }
    return nearest;
  }

  /// A clause that suggests it, empty if nothing is near.
  static String suggestion(String written, Collection<String> words) {
    return to(written, words).map(word -> "; did you mean '" + word + "'?").orElse("");
  }

  /// Letters to add, remove or change (Levenshtein).
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int column = 0; column <= to.length(); column++) {
      row[column] = column;
    }
    for (int line = 1; line <= from.length(); line++) {
      int diagonal = row[0];
      row[0] = line;
      for (int column = 1; column <= to.length(); column++) {
        int changed = diagonal + (from.charAt(line - 1) == to.charAt(column - 1) ? 0 : 1);
        diagonal = row[column];
        row[column] = Math.min(changed, Math.min(row[column], row[column - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
