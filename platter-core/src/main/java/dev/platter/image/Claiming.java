package dev.platter.image;

import java.io.IOException;
import java.util.function.Consumer;

/// An image that tells which ranges of its first storage its structures own, so that one sweep
/// finds overlaps, leaks and ranges outside the file in every format.
public interface Claiming extends Image {

  /// Bytes in which places are given out: every claim of guest data starts at a multiple of it,
  /// counted from [#claimBase], and no two structures share one.
  int claimUnit();

  /// Where units are counted from.
  default long claimBase() {
    return 0;
  }

  /// What units are that nothing claims.
  default Unclaimed unclaimed() {
    return Unclaimed.LEAK;
  }

  /// What units are that nothing claims.
  enum Unclaimed {
    /// Wasted: no later write finds them.
    LEAK,
    /// Room for later writes: the format keeps account of what is free, and finds leaks itself.
    FREE
  }

  /// Hands over all claims, in any order, the same ones each time; also of ranges that make no
  /// sense.
  void claims(Consumer<Claim> sink) throws IOException;

  /// Hands over what the sweep cannot see: counters, reference counts, checksums, flags.
  void findings(Consumer<Finding> sink) throws IOException;
}
