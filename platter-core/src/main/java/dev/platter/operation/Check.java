package dev.platter.operation;

import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import dev.platter.image.Repairable;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/// Looks for damage in an image: structures that overlap, lie outside the file or are referred to by
/// nothing, and what the format itself finds.
public final class Check {
  private Check() {}

  /// What a check found.
  ///
  /// @param findings the first of them, at most [#FINDINGS]
  /// @param corruptions how many findings are damage
  /// @param leaks how many units nothing refers to
  /// @param errors how many places could not be looked at
  /// @param allocatedUnits units of guest data that are allocated
  /// @param totalUnits units that the disk has
  /// @param fragmentedUnits allocated units that do not follow the one before
  /// @param compressedUnits units that are stored compressed
  /// @param imageEnd the position behind the last claim, where the format has claims
  public record Result(
      List<Finding> findings,
      long corruptions,
      long leaks,
      long errors,
      long allocatedUnits,
      long totalUnits,
      long fragmentedUnits,
      long compressedUnits,
      OptionalLong imageEnd) {

    /// How many findings are kept as text.
    public static final int FINDINGS = 10_000;

    /// Whether there is nothing to report.
    public boolean clean() {
      return corruptions == 0 && leaks == 0 && errors == 0;
    }
  }

  /// What a repair did.
  ///
  /// @param before what was wrong
  /// @param repairs what was done, in order
  /// @param after what is still wrong
  public record Repaired(Result before, List<Repairable.Repair> repairs, Result after) {}

  /// Checks an image, opened with [dev.platter.image.OpenContext.Purpose#CHECK].
  public static Result check(Claiming image, Progress progress) throws IOException {
    throw new IOException("not yet");
  }

  /// Checks an image, mends it, and checks it again; makes it durable. The image must implement
  /// [Claiming] as well.
  public static Repaired repair(Repairable image, Repairable.Scope scope, Progress progress)
      throws IOException {
    throw new IOException("not yet");
  }
}
