package dev.platter.testkit;

import dev.platter.Disk;
import dev.platter.image.Finding;
import dev.platter.image.Finding.Severity;
import dev.platter.io.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Runs a workload and looks at every state in which a crash could leave the image.
///
/// Each state is opened read-only, checked, opened for writing, checked, read and compared, then
/// written somewhere else, flushed, opened again and compared once more. What was flushed must be
/// there; what was not may be old or new, but nothing else. A check may find leaks at worst.
public final class CrashTest {
  private static final int RESUMED = 64 << 10;
  private final Variant variant;
  private final long size;
  private final boolean child;
  private int states;

  private CrashTest(Variant variant, long size, boolean child) {
    this.variant = variant;
    this.size = size;
    this.child = child;
  }

  /// Tests on an image without a parent.
  public static CrashTest alone(Variant variant, long size) {
    return new CrashTest(variant, size, false);
  }

  /// Tests on a child of a parent full of data, of the same variant.
  public static CrashTest child(Variant variant, long size) {
    return new CrashTest(variant, size, true);
  }

  /// How many different states have been looked at.
  public int states() {
    return states;
  }

  /// Runs a random workload of changes and flushes.
  ///
  /// @param operations how many
  /// @param random how many random states of each moment are looked at besides the usual ones
  /// @throws AssertionError if a state is not what it may be, with the workload and the state
  public void run(long seed, int operations, int random) throws IOException {
    RandomGenerator dice = new SplittableRandom(seed);
    Lab lab = new Lab();
    String name = prepare(lab);
    var script = new ArrayList<Operation>();
    var seen = new HashSet<Long>();
    try (Disk disk = lab.open(name, Access.WRITE)) {
      byte[] content = Lab.content(disk);
      var oracle = new Oracle(content);
      var workload = new Workload(disk, oracle, content);
      var look =
          new Look(lab, name, oracle, seen, new SplittableRandom(~seed), random, script, seed);
      lab.folder().files().forEach(file -> file.beforeFlush(look::now));
      int unit = Math.max(disk.top().allocationUnit(), 512);
      // half of the workloads stay in a corner, where they get in each other's way
      long corner = dice.nextBoolean() ? size : Math.min(size, 6L * unit);
      var shapes = new Operation.Shapes(corner, unit, 512);
      for (Operation operation : operations(shapes, dice, operations)) {
        script.add(operation);
        workload.perform(operation);
        if (operation instanceof Operation.Flush) {
          look.now();
        }
      }
      look.now();
      lab.folder().files().forEach(file -> file.beforeFlush(() -> {}));
    }
  }

  private static List<Operation> operations(
      Operation.Shapes shapes, RandomGenerator dice, int count) {
    var operations = new ArrayList<Operation>();
    if (dice.nextBoolean()) {
      // something to lose: units that are allocated and durable
      operations.add(new Operation.Write(0, Math.max((int) shapes.size() / 1024, 1) * 512, 1));
      operations.add(new Operation.Flush());
    }
    while (operations.size() < count) {
      boolean flush = dice.nextInt(6) == 0;
      operations.add(flush ? new Operation.Flush() : shapes.change(dice, operations.size() + 1));
    }
    return operations;
  }

  private String prepare(Lab lab) throws IOException {
    String extension = "." + variant.format().extensions().getFirst();
    String name = "top" + extension;
    if (!child) {
      lab.create(variant, name, size);
      return name;
    }
    String parent = "parent" + extension;
    lab.create(variant, parent, size);
    try (Disk below = lab.open(parent, Access.WRITE)) {
      below.write(0, Stamp.segment(0, (int) size, 1_000_000));
      below.flush();
    }
    lab.createChild(variant, name, size, parent);
    return name;
  }

  private final class Look {
    private final Lab lab;
    private final String name;
    private final Oracle oracle;
    private final Set<Long> seen;
    private final RandomGenerator dice;
    private final int random;
    private final List<Operation> script;
    private final long seed;

    private Look(
        Lab lab,
        String name,
        Oracle oracle,
        Set<Long> seen,
        RandomGenerator dice,
        int random,
        List<Operation> script,
        long seed) {
      this.lab = lab;
      this.name = name;
      this.oracle = oracle;
      this.seen = seen;
      this.dice = dice;
      this.random = random;
      this.script = script;
      this.seed = seed;
    }

    private void now() {
      CrashPoint point = CrashPoint.of(lab.folder().files());
      Set<Long> states = oracleSalted();
      point.states(dice, random, states, this::examine);
    }

    /// A state may be fine before a flush of the guest and not after it.
    private Set<Long> oracleSalted() {
      boolean flushed = !script.isEmpty() && script.getLast() instanceof Operation.Flush;
      if (flushed) {
        seen.clear();
      }
      return seen;
    }

    private void examine(CrashPoint.State state) {
      states++;
      try {
        new Aftermath(lab.with(state.storages()), name).examine(oracle);
      } catch (Exception | AssertionError e) {
        var text = new StringBuilder();
        text.append(e).append('\n').append(Seed.again(seed)).append('\n').append(variant);
        text.append(child ? " with a parent" : "").append(" of ").append(size).append(" bytes\n");
        script.forEach(operation -> text.append(operation).append('\n'));
        text.append("then a crash:\n").append(state.how());
        throw new AssertionError(text.toString(), e);
      }
    }
  }

  /// An image after a crash.
  private record Aftermath(Lab lab, String name) {

    void examine(Oracle oracle) throws IOException {
      try (Disk disk = lab.open(name, Access.READ)) {
        judge("read-only", oracle.judge(Lab.content(disk)));
      }
      lab.check(name);
      lab.recover(name);
      leaksAtMost();
      byte[] content;
      try (Disk disk = lab.open(name, Access.WRITE)) {
        content = Lab.content(disk);
        judge("opened for writing", oracle.judge(content));
        ModelTest.checkExtents(disk, content);
        resume(disk, content);
      }
      leaksAtMost();
      try (Disk disk = lab.open(name, Access.READ)) {
        judge("written again", Stamp.difference(content, Lab.content(disk)));
      }
    }

    private static void resume(Disk disk, byte[] content) throws IOException {
      int place = elsewhere(disk);
      int length = Math.min(RESUMED, content.length - place);
      byte[] bytes = Stamp.bytes(place, length, 2_000_000);
      disk.write(place, MemorySegment.ofArray(bytes));
      System.arraycopy(bytes, 0, content, place, length);
      judge("while it is written again", Stamp.difference(content, Lab.content(disk)));
      disk.flush();
    }

    /// A place that needs new room, if there is one: a wrong idea of free space shows there.
    private static int elsewhere(Disk disk) throws IOException {
      for (long at = 0; at < disk.size(); ) {
        var extent = disk.extent(at, disk.size() - at);
        if (extent.kind().isZero() || extent.depth() > 0) {
          return (int) at;
        }
        at = extent.end();
      }
      return 0;
    }

    private void leaksAtMost() throws IOException {
      for (Finding finding : lab.check(name)) {
        judge("checked", finding.severity() == Severity.LEAK ? "" : finding.toString());
      }
    }

    private static void judge(String when, String complaint) {
      if (!complaint.isEmpty()) {
        throw new AssertionError(when + ": " + complaint);
      }
    }
  }
}
