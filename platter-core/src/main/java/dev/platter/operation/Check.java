package dev.platter.operation;

import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import dev.platter.image.Finding.Severity;
import dev.platter.image.Image;
import dev.platter.image.Mapping;
import dev.platter.image.Repairable;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/// Looks for damage in an image: structures that overlap, lie outside the file or are referred to
/// by nothing, and what the format itself finds.
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
  /// @param imageEnd the position behind the last claim, where there is one
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
    var findings = new FindingCounter();
    var sweep = new ClaimSweep(image, findings, progress);
    OptionalLong end = sweep.run();
    image.findings(findings::add);
    Units units = Units.count(image, findings, progress);
    return new Result(
        findings.kept(),
        findings.count(Severity.CORRUPTION),
        findings.count(Severity.LEAK),
        findings.count(Severity.ERROR),
        units.allocated,
        units.total,
        units.fragmented,
        units.compressed,
        end);
  }

  /// Checks an image, mends it, and checks it again; makes it durable. The image must be [Claiming]
  /// as well.
  ///
  /// @throws IllegalArgumentException if it is not
  public static Repaired repair(Repairable image, Repairable.Scope scope, Progress progress)
      throws IOException {
    if (!(image instanceof Claiming claiming)) {
      throw new IllegalArgumentException(image + " cannot be checked, so it is not repaired");
    }
    Result before = check(claiming, progress);
    if (before.clean()) {
      return new Repaired(before, List.of(), before);
    }
    List<Repairable.Repair> repairs = image.repair(scope);
    image.flush();
    return new Repaired(before, repairs, check(claiming, progress));
  }

  /// How the disk's units are stored.
  private record Units(long allocated, long total, long fragmented, long compressed) {

    static Units count(Image image, FindingCounter findings, Progress progress) throws IOException {
      long unit = image.info().clusterSize().orElse(image.allocationUnit());
      long allocated = 0;
      long fragmented = 0;
      long compressed = 0;
      long follower = Mapping.NOWHERE;
      long size = image.size();
      for (long at = 0; at < size; ) {
        progress.checkpoint();
        Mapping run;
        try {
          run = image.map(at, size - at);
        } catch (dev.platter.image.ImageException e) {
          findings.add(new Finding(Severity.ERROR, e.getMessage(), ""));
          break;
        }
        long position = position(run);
        long units = (at + run.length() - 1) / unit - (at + unit - 1) / unit + 1;
        if (run instanceof Mapping.Encoded) {
          allocated += units;
          compressed += units;
          fragmented += units;
        } else if (position != Mapping.NOWHERE) {
          allocated += units;
          fragmented += follower != Mapping.NOWHERE && follower != position && units > 0 ? 1 : 0;
          follower = position + run.length();
        }
        at += run.length();
      }
      return new Units(allocated, (size + unit - 1) / unit, fragmented, compressed);
    }

    private static long position(Mapping run) {
      return switch (run) {
        case Mapping.Stored(_, long position, _) -> position;
        case Mapping.Shared(_, long position, _) -> position;
        case Mapping.Zero(_, long position) -> position;
        case Mapping.Unallocated _, Mapping.Encoded _ -> Mapping.NOWHERE;
      };
    }
  }
}
