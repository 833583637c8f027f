package dev.platter.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Where random tests get their luck from. A failure prints one token; `-Dplatter.seed=TOKEN` runs
/// that case alone, and `-Dplatter.campaign=100` runs a hundred times as many cases as usual.
public final class Seed {
  private static final String GIVEN = "platter.seed";
  private static final String CAMPAIGN = "platter.campaign";
  private static final long STEP = 0x9e3779b97f4a7c15L;

  private Seed() {}

  /// The seeds to run.
  ///
  /// @param salt of the suite, so that no two suites throw the same dice
  /// @param usual how many, if nothing else is asked for
  public static List<Long> all(String salt, int usual) {
    String given = System.getProperty(GIVEN);
    if (given != null) {
      return List.of(Long.parseUnsignedLong(given, 16));
    }
    long start = salt.hashCode() * STEP;
    var seeds = new ArrayList<Long>();
    for (long at = 0; at < scaled(usual); at++) {
      seeds.add(start + at * STEP);
    }
    return seeds;
  }

  /// So many, or as many times more as was asked for.
  public static long scaled(int usual) {
    return usual * Long.getLong(CAMPAIGN, 1);
  }

  /// Dice of a seed.
  public static RandomGenerator dice(long seed) {
    return new SplittableRandom(seed);
  }

  /// How to run a case again.
  public static String again(long seed) {
    return "again with -D" + GIVEN + "=" + Long.toHexString(seed);
  }
}
