package dev.platter.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.image.Capability;
import dev.platter.testkit.Mutants.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Random and exhaustive tests of a format, short by default; `-Dplatter.campaign=N` makes them N
/// times as long.
public interface FormatCampaigns extends FormatSubject {

  /// Variants that chains are made of, besides the format's own.
  default List<Variant> neighbours() {
    return List.of();
  }

  /// Whether an image with a bit flipped or an end cut off may be read wrongly without a check that
  /// notices; true for formats without checksums.
  default boolean damageMayBeSilent() {
    return true;
  }

  /// Random operations on chains.
  @Test
  default void disksDoWhatArraysDo() {
    Assumptions.assumeTrue(variant().can(Capability.WRITE));
    var variants = new ArrayList<>(neighbours());
    variants.add(variant());
    variants.add(variant());
    for (long seed : Seed.all(variant() + "model", 25)) {
      ModelTest.random(variants, diskSize(), 120, seed).run(seed);
    }
  }

  /// Every state that a crash can leave, without a parent.
  @Test
  default void crashesLoseNothingThatWasFlushed() throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.WRITE));
    CrashTest crash = CrashTest.alone(variant(), crashSize());
    for (long seed : Seed.all(variant() + "crash", 8)) {
      crash.run(seed, 12, 16);
    }
    assertTrue(crash.states() > 20, crash.states() + " states");
  }

  /// Every state that a crash can leave of a child.
  @Test
  default void crashesDoNotLoseTheParent() throws IOException {
    Assumptions.assumeTrue(
        variant().can(Capability.WRITE) && variant().accepts(variant()), "never a child");
    CrashTest crash = CrashTest.child(variant(), crashSize());
    for (long seed : Seed.all(variant() + "crashing child", 6)) {
      crash.run(seed, 12, 16);
    }
    assertTrue(crash.states() > 20, crash.states() + " states");
  }

  /// Bytes of the disks that crash: small, as there are many.
  default long crashSize() {
    return variant().size(Math.min(diskSize(), 40_000));
  }

  /// The first, second, third … call fails.
  @Test
  default void everyCallMayFail() throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.WRITE));
    int runs = 0;
    for (long seed : Seed.all(variant() + "fail", 2)) {
      runs += new FailNth(variant(), crashSize(), seed, 12).sweep(150);
    }
    assertTrue(runs > 10, runs + " runs");
  }

  /// Flipped bits of metadata.
  @Test
  default void flippedBitsDoNoHarm() throws IOException {
    Lab lab = used(21, variant().can(Capability.WRITE) ? 25 : 0);
    long mebibytes = 1 + (lab.folder().file(image()).size() >> 20);
    check(new Mutants(lab, image()).flipBits(Seed.scaled(8000) / mebibytes));
  }

  /// Files that were cut.
  @Test
  default void truncatedFilesDoNoHarm() throws IOException {
    Lab lab = used(22, variant().can(Capability.WRITE) ? 25 : 0);
    long sectors = lab.folder().file(image()).size() / 512;
    int step = (int) Math.max(1, sectors / Seed.scaled(1000)) * 512;
    check(new Mutants(lab, image()).truncate(step));
  }

  private void check(Mutants.Report report) {
    assertTrue(
        damageMayBeSilent() || report.silent().isEmpty(),
        () -> "nobody noticed " + report.silent());
    assertEquals(report.silent().size(), report.counts().getOrDefault(Outcome.SILENT, 0));
  }
}
