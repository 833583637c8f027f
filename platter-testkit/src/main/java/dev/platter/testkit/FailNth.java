package dev.platter.testkit;

import dev.platter.Disk;
import dev.platter.image.Finding;
import dev.platter.image.Finding.Severity;
import dev.platter.io.Access;
import dev.platter.testkit.FaultStorage.Call;
import dev.platter.testkit.FaultStorage.Fault;
import dev.platter.testkit.FaultStorage.Times;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// Lets the first, second, third … call of a storage fail during the same work, until no call is
/// left to fail.
///
/// After each: nothing but an [IOException] was thrown, the image opens, holds what it may hold,
/// and can be written; a check finds leaks at worst. What a flush has promised after a flush had
/// failed is held against crashes too.
public final class FailNth {
  private static final int CRASHES = 4;
  private final Variant variant;
  private final long size;
  private final List<Operation> script;

  /// @param seed of the work
  /// @param operations how many changes and flushes the work has
  public FailNth(Variant variant, long size, long seed, int operations) throws IOException {
    this.variant = variant;
    this.size = size;
    Lab lab = new Lab();
    lab.create(variant, name(), size);
    int unit;
    try (Disk disk = lab.open(name(), Access.READ)) {
      unit = Math.max(disk.top().allocationUnit(), 512);
    }
    var dice = new SplittableRandom(seed);
    var shapes = new Operation.Shapes(size, unit, 512);
    var work = new ArrayList<Operation>();
    for (int at = 0; at < operations; at++) {
      work.add(shapes.change(dice, at + 1));
    }
    work.add(new Operation.Flush());
    this.script = List.copyOf(work);
  }

  private String name() {
    return "image." + variant.format().extensions().getFirst();
  }

  /// Runs the sweep for every kind of fault. Returns how many runs it took.
  ///
  /// @param most how many runs at most for one kind; calls are then taken in larger steps
  /// @throws AssertionError with the work and the failing call
  public int sweep(int most) throws IOException {
    int runs = 0;
    for (Fault fault : Fault.values()) {
      for (Times times : Times.values()) {
        runs += sweep(Call.ANY, fault, times, most);
      }
    }
    return runs + sweep(Set.of(Call.FLUSH), Fault.EIO, Times.ONCE, most);
  }

  private int sweep(Set<Call> calls, Fault fault, Times times, int most) throws IOException {
    long step = 1;
    int runs = 0;
    for (long nth = 1; ; nth += step) {
      runs++;
      if (!survives(calls, nth, fault, times)) {
        return runs;
      }
      step = 1 + (long) (runs / most) * runs;
    }
  }

  private boolean survives(Set<Call> calls, long nth, Fault fault, Times times) throws IOException {
    Lab lab = new Lab();
    lab.create(variant, name(), size);
    List<FaultStorage> files = lab.folder().files();
    var oracle = new Oracle(new byte[Math.toIntExact(size)]);
    files.forEach(file -> file.fail(calls, nth, fault, times));
    try {
      work(lab, oracle);
      boolean fired = false;
      for (FaultStorage file : files) {
        fired |= file.heal();
      }
      for (int crash = 0; crash < CRASHES; crash++) {
        var dice = new SplittableRandom(crash);
        after(lab.with(files.stream().map(file -> file.crash(dice)).toList()), oracle);
      }
      after(lab, oracle);
      return fired;
    } catch (IOException | RuntimeException | AssertionError e) {
      var text = new StringBuilder();
      text.append(e).append('\n').append(variant).append(" of ").append(size).append(" bytes, ");
      text.append(times).append(' ').append(fault).append(" at call ").append(nth);
      text.append(" of ").append(calls).append('\n');
      script.forEach(operation -> text.append(operation).append('\n'));
      throw new AssertionError(text.toString(), e);
    }
  }

  private void work(Lab lab, Oracle oracle) {
    Disk disk;
    try {
      disk = lab.open(name(), Access.WRITE);
    } catch (IOException _) {
      return;
    }
    var workload = new Workload(disk, oracle, new byte[Math.toIntExact(size)]);
    boolean failed = false;
    for (Operation operation : script) {
      try {
        // after a failure a flush that succeeds promises what the disk says, not what was asked
        if (!(failed && operation instanceof Operation.Flush)) {
          workload.perform(operation);
        } else {
          disk.flush();
          oracle.flushed(Lab.content(disk));
        }
      } catch (IOException _) {
        failed = true;
      }
    }
    try {
      disk.close();
    } catch (IOException _) {
      // the failure that was asked for; what counts is what the next one finds
    }
  }

  private void after(Lab lab, Oracle oracle) throws IOException {
    byte[] content;
    lab.recover(name());
    try (Disk disk = lab.open(name(), Access.WRITE)) {
      content = Lab.content(disk);
      judge(oracle.judge(content));
      var workload = new Workload(disk, oracle.copy(), content);
      workload.perform(new Operation.Write(size / 2 / 512 * 512, 512, 3_000_000));
      workload.perform(new Operation.Flush());
      content = workload.content();
    }
    try (Disk disk = lab.open(name(), Access.READ)) {
      judge(Stamp.difference(content, Lab.content(disk)));
    }
    for (Finding finding : lab.check(name())) {
      judge(finding.severity() == Severity.LEAK ? "" : finding.toString());
    }
  }

  private static void judge(String complaint) {
    if (!complaint.isEmpty()) {
      throw new AssertionError("afterwards " + complaint);
    }
  }
}
