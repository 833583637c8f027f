package dev.platter.testkit;

import java.util.BitSet;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Which pending changes a crash left behind.
///
/// @param whole the changes that arrived
/// @param torn the change that arrived in part, if one did
record Survival(BitSet whole, Optional<Torn> torn) {

  /// A write of which some sectors arrived.
  record Torn(int change, Tear tear, long sectors) {
    boolean keeps(long sector) {
      return switch (tear) {
        case FIRST -> sector < sectors;
        case LAST -> sector >= sectors;
        case EVERY_SECOND -> (sector & 1) == sectors % 2;
      };
    }
  }

  /// How a write is torn.
  enum Tear {
    FIRST,
    LAST,
    EVERY_SECOND
  }

  static Survival of(BitSet whole) {
    return new Survival((BitSet) whole.clone(), Optional.empty());
  }

  static Survival random(CrashPoint point, RandomGenerator dice) {
    BitSet whole = new BitSet();
    int count = point.changes().size();
    // mostly many or few survive: evenly mixed subsets of long lists are all alike
    int odds = dice.nextInt(1, 10);
    for (int change = 0; change < count; change++) {
      whole.set(change, dice.nextInt(10) < odds);
    }
    if (count == 0 || dice.nextBoolean()) {
      return of(whole);
    }
    int torn = dice.nextInt(count);
    whole.clear(torn);
    return new Survival(whole, tear(point, torn, dice));
  }

  static Optional<Torn> tear(CrashPoint point, int change, RandomGenerator dice) {
    if (!(point.changes().get(change).change() instanceof Change.Write write)
        || write.sectors() < 2) {
      return Optional.empty();
    }
    Tear tear = Tear.values()[dice.nextInt(Tear.values().length)];
    return Optional.of(new Torn(change, tear, dice.nextLong(1, write.sectors())));
  }
}
