package dev.platter.tests.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.image.Allocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AllocationTest {

  private static List<String> runs(Allocation allocation) {
    List<String> runs = new ArrayList<>();
    for (int run = 0; run < allocation.count(); run++) {
      String kind = allocation.isZero(run) ? "zero " : "data ";
      runs.add(kind + allocation.start(run) + "-" + allocation.end(run));
    }
    return runs;
  }

  @Test
  void neighboursOfOneKindBecomeOneRun() {
    var allocation =
        new Allocation.Builder().data(0, 10).data(10, 5).zero(15, 5).zero(30, 1).build(100);
    assertEquals(List.of("data 0-15", "zero 15-20", "zero 30-31"), runs(allocation));
    assertEquals(15, allocation.dataBytes());
  }

  @Test
  void runsOutOfOrderAreRefused() {
    var builder = new Allocation.Builder().data(10, 10);
    assertThrows(IllegalArgumentException.class, () -> builder.data(5, 1));
    assertThrows(IllegalArgumentException.class, () -> builder.data(30, 0));
  }

  @Test
  void aUnitWithAByteOfDataIsDataAndZerosShrink() {
    var allocation =
        new Allocation.Builder().zero(0, 90).data(90, 1).zero(91, 109).data(205, 1).build(210);
    assertEquals(
        List.of("zero 0-64", "data 64-128", "zero 128-192", "data 192-256"),
        runs(allocation.align(64)));
  }

  @Test
  void zerosUpToTheEndOfTheDiskCoverItsLastUnit() {
    var allocation = new Allocation.Builder().zero(64, 36).build(100);
    assertEquals(List.of("zero 64-128"), runs(allocation.align(64)));
  }

  @Test
  void runAfterFindsTheRunThatEndsBehindAnOffset() {
    var allocation = new Allocation.Builder().data(10, 10).data(40, 10).build(100);
    assertEquals(0, allocation.runAfter(0));
    assertEquals(0, allocation.runAfter(19));
    assertEquals(1, allocation.runAfter(20));
    assertEquals(2, allocation.runAfter(50));
  }

  @Test
  void aligningNeverLosesDataAndNeverSaysZeroWhereDataIs() {
    var dice = new Random(7);
    for (int round = 0; round < 500; round++) {
      int size = 1 + dice.nextInt(400);
      byte[] kinds = new byte[size];
      var builder = new Allocation.Builder();
      for (int at = dice.nextInt(20); at < size; ) {
        int length = Math.min(1 + dice.nextInt(40), size - at);
        boolean zero = dice.nextBoolean();
        java.util.Arrays.fill(kinds, at, at + length, (byte) (zero ? 2 : 1));
        builder = zero ? builder.zero(at, length) : builder.data(at, length);
        at += length + (dice.nextBoolean() ? 0 : dice.nextInt(30));
      }
      checkAligned(kinds, builder.build(size).align(16));
    }
  }

  private static void checkAligned(byte[] kinds, Allocation aligned) {
    int units = (kinds.length + 15) / 16;
    for (int unit = 0; unit < units; unit++) {
      boolean data = false;
      boolean zeros = true;
      for (int at = 16 * unit; at < Math.min(16 * unit + 16, kinds.length); at++) {
        data |= kinds[at] == 1;
        zeros &= kinds[at] == 2;
      }
      int run = aligned.runAfter(16L * unit);
      boolean covered = run < aligned.count() && aligned.start(run) <= 16L * unit;
      assertEquals(data, covered && !aligned.isZero(run), "data of unit " + unit);
      if (covered && aligned.isZero(run)) {
        assertTrue(zeros, "unit " + unit + " is said to be zeros");
      }
    }
  }
}
