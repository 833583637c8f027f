package dev.platter.testkit;

import dev.platter.Disk;
import dev.platter.image.Finding;
import dev.platter.image.Finding.Severity;
import dev.platter.io.Access;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Runs an operation on a chain of images and looks at every state in which a crash could leave
/// them, all files together.
///
/// In each state every image that is watched is read: it must hold what it may hold. A check may
/// find leaks, or what a repair mends without changing what is read. Then the operation is run
/// again, and must end as if nothing had happened.
public final class ChainCrash {
  private static final int SECTOR = 512;
  private final Lab lab;
  private final List<Watch> watches;
  private final Operation operation;
  private final RandomGenerator dice;
  private final int random;
  private final Set<Long> seen = new HashSet<>();
  private int states;

  /// Something that is done to images of a lab. It can be done again, whatever a crash has left of
  /// it.
  @FunctionalInterface
  public interface Operation {
    /// Opens what it needs, works, and closes it.
    void on(Lab lab) throws IOException;
  }

  /// An image that is looked at.
  public static final class Watch {
    private final String name;
    private final byte[] before;
    private final byte[] after;
    private final Between between;

    /// An image to look at.
    ///
    /// @param name its file
    /// @param before what it holds before the operation
    /// @param after what it holds afterwards
    /// @param between what it may hold if the operation is cut short
    public Watch(String name, byte[] before, byte[] after, Between between) {
      this.name = name;
      this.before = before.clone();
      this.after = after.clone();
      this.between = between;
    }

    /// An image that reads the same all the time.
    public static Watch same(String name, byte[] content) {
      return new Watch(name, content, content, Between.ONE_OR_OTHER);
    }

    private String judge(byte[] found) {
      return switch (between) {
        case ONE_OR_OTHER -> Arrays.equals(found, after) ? "" : Stamp.difference(before, found);
        case MIXTURE -> mixture(found);
      };
    }

    private String mixture(byte[] found) {
      for (int at = 0; at < found.length; at += SECTOR) {
        int end = Math.min(at + SECTOR, found.length);
        if (!same(before, found, at, end) && !same(after, found, at, end)) {
          return "the sector at " + at + " has " + Stamp.describe(found, at);
        }
      }
      return "";
    }

    /// Whether a range is equal, where what is not there counts as zeros.
    private static boolean same(byte[] expected, byte[] found, int from, int to) {
      byte[] wanted = new byte[to - from];
      int there = Math.clamp(expected.length - (long) from, 0, to - from);
      System.arraycopy(expected, Math.min(from, expected.length), wanted, 0, there);
      return Arrays.equals(wanted, 0, to - from, found, from, to);
    }
  }

  /// What may be found after a crash.
  public enum Between {
    /// All as before or all as afterwards.
    ONE_OR_OTHER,
    /// Each sector as before or as afterwards.
    MIXTURE
  }

  /// A run that is to come.
  ///
  /// @param lab the images, all of them flushed
  /// @param random how many random states of each moment are looked at besides the usual ones
  public ChainCrash(Lab lab, List<Watch> watches, Operation operation, long seed, int random) {
    this.lab = lab;
    this.watches = List.copyOf(watches);
    this.operation = operation;
    this.dice = new SplittableRandom(seed);
    this.random = random;
  }

  /// Runs the operation.
  ///
  /// @return how many different states have been looked at
  /// @throws AssertionError if a state is not what it may be
  public int run() throws IOException {
    lab.folder().files().forEach(file -> file.beforeFlush(this::look));
    operation.on(lab);
    look();
    lab.folder().files().forEach(file -> file.beforeFlush(() -> {}));
    finished(lab);
    return states;
  }

  private void look() {
    CrashPoint.of(lab.folder().files()).states(dice, random, seen, this::examine);
  }

  private void examine(CrashPoint.State state) {
    states++;
    try {
      Lab left = lab.with(state.storages());
      for (Watch watch : watches) {
        judge(watch, "after a crash", watch.judge(content(left, watch.name)));
      }
      for (Watch watch : watches) {
        left.recover(watch.name);
        if (!damage(left, watch).isEmpty()) {
          left.repair(watch.name);
        }
        judge(watch, "repaired", damage(left, watch));
        judge(watch, "repaired", watch.judge(content(left, watch.name)));
      }
      operation.on(left);
      finished(left);
    } catch (Exception | AssertionError e) {
      throw new AssertionError(e + "\nafter a crash:\n" + state.how(), e);
    }
  }

  /// What is worse than a leak, nothing if nothing is.
  private static String damage(Lab lab, Watch watch) throws IOException {
    for (Finding finding : lab.check(watch.name)) {
      if (finding.severity() != Severity.LEAK) {
        return finding.toString();
      }
    }
    return "";
  }

  private void finished(Lab done) throws IOException {
    for (Watch watch : watches) {
      judge(watch, "at the end", Stamp.difference(watch.after, content(done, watch.name)));
    }
  }

  private static byte[] content(Lab lab, String name) throws IOException {
    try (Disk disk = lab.open(name, Access.READ)) {
      return Lab.content(disk);
    }
  }

  private static void judge(Watch watch, String when, String complaint) {
    if (!complaint.isEmpty()) {
      throw new AssertionError(watch.name + " " + when + ": " + complaint);
    }
  }
}
