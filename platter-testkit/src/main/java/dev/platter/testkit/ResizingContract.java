package dev.platter.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Capability;
import dev.platter.image.Finding;
import dev.platter.image.Finding.Severity;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Resizable;
import dev.platter.io.Access;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// A disk becomes larger or smaller in place: the old one or the new one after a crash, what is new
/// being zeros.
public interface ResizingContract extends ParentContract {

  /// Sizes that a disk is given in turn, from [#diskSize] on.
  default List<Long> sizes() {
    long large = Math.max(2 * diskSize(), Math.min(20 * diskSize(), 4 << 20));
    return List.of(
        variant().size(diskSize() + variant().sizeUnit()),
        variant().size(large),
        variant().size(large / 2 + 512),
        variant().size(diskSize() / 3),
        variant().size(diskSize() / 3 + variant().sizeUnit()),
        variant().size(diskSize()));
  }

  /// Whether the size of the disk is that of a file, so that a crash leaves what a file system
  /// shows in a file that grew.
  default boolean growsWithItsFile() {
    return false;
  }

  private void assumeResizable(Lab lab) throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.RESIZE), "keeps its size");
    try (Disk disk = lab.alone(image(), Access.READ)) {
      Assumptions.assumeTrue(disk.top() instanceof Resizable, "this variant keeps its size");
    }
  }

  private void assertHolds(Lab lab, byte[] expected, String when) throws IOException {
    try (Disk disk = lab.open(image(), Access.READ)) {
      assertEquals("", Stamp.difference(expected, Lab.content(disk)), when);
      ModelTest.checkExtents(disk, expected);
    }
    assertSound(lab, when);
  }

  /// A child may keep room that was given back.
  private void assertSound(Lab lab, String when) throws IOException {
    List<Finding> findings = new ArrayList<>(lab.check(image()));
    try (Disk disk = lab.alone(image(), Access.READ)) {
      if (disk.top().parent().isPresent()) {
        findings.removeIf(finding -> finding.severity() == Severity.LEAK);
      }
    }
    assertEquals(List.of(), findings, when);
  }

  private void resizeAll(Lab lab, byte[] content) throws IOException {
    byte[] expected = content;
    int version = 2000;
    for (long size : sizes()) {
      String when = "resized from " + expected.length + " to " + size;
      try (Disk disk = lab.open(image(), Access.WRITE)) {
        disk.resize(size);
        assertEquals(size, disk.size(), when);
        expected = Arrays.copyOf(expected, (int) size);
        assertEquals("", Stamp.difference(expected, Lab.content(disk)), when);
      }
      assertHolds(lab, expected, when + ", opened again");
      try (Disk disk = lab.open(image(), Access.WRITE)) {
        ReadWriteContract.put(disk, expected, size - 9, 9, version++);
        ReadWriteContract.put(disk, expected, size / 2, (int) size / 5, version++);
        disk.flush();
      }
      assertHolds(lab, expected, when + ", written");
    }
  }

  /// An image that was used, made larger and smaller, and written each time.
  @Test
  default void disksGrowAndShrink() throws IOException {
    assumeResizable(fresh());
    Lab lab = used(41, 20);
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      disk.write(0, Stamp.segment(0, (int) diskSize() / 2, 1999));
    }
    byte[] content;
    try (Disk disk = lab.open(image(), Access.READ)) {
      content = Lab.content(disk);
    }
    resizeAll(lab, content);
  }

  /// An image in which little or nothing is allocated.
  @Test
  default void emptyDisksGrowAndShrink() throws IOException {
    Lab lab = fresh();
    assumeResizable(lab);
    resizeAll(lab, new byte[(int) diskSize()]);
    assertEquals(diskSize(), sizes().getLast());
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      assertThrows(IllegalArgumentException.class, () -> disk.resize(-1));
      assertEquals(diskSize(), disk.size());
    }
  }

  /// What a parent has behind the end of a child is never seen.
  @Test
  default void growthHidesTheParent() throws IOException {
    Lab lab = above();
    assumeResizable(lab);
    resizeAll(lab, Stamp.bytes(0, (int) diskSize(), 1000));
  }

  /// A child of a parent that is larger and full.
  private Lab above() throws IOException {
    Assumptions.assumeTrue(variant().parents() != Variant.Parents.NONE, "never a child");
    var lab = new Lab();
    long size = variant().size(diskSize() * 3 / 2);
    lab.create(variant(), parentImage(), size);
    try (Disk parent = lab.open(parentImage(), Access.WRITE)) {
      parent.write(0, Stamp.segment(0, (int) size, 1000));
      parent.flush();
    }
    lab.createChild(variant(), image(), diskSize(), parentImage());
    return lab;
  }

  /// Writes and sizes at random, with and without opening again.
  @Test
  default void resizingMixesWithWrites() throws IOException {
    assumeResizable(fresh());
    for (long seed : Seed.all(variant() + "resizing", 6)) {
      Lab lab = fresh();
      var dice = new SplittableRandom(seed);
      byte[] expected = new byte[(int) diskSize()];
      for (int session = 0; session < 4; session++) {
        try (Disk disk = lab.open(image(), Access.WRITE)) {
          for (int step = 0; step < 8; step++) {
            expected = work(disk, expected, dice, session * 8 + step);
          }
          assertEquals("", Stamp.difference(expected, Lab.content(disk)), "seed " + seed);
        }
        assertHolds(lab, expected, "seed " + seed);
      }
    }
  }

  private byte[] work(Disk disk, byte[] before, RandomGenerator dice, int version)
      throws IOException {
    if (dice.nextInt(4) == 0) {
      long size = variant().size(dice.nextLong(1, 3 * diskSize()));
      disk.resize(size);
      return Arrays.copyOf(before, (int) size);
    }
    int from = dice.nextInt(before.length);
    int length = dice.nextInt(Math.min(before.length - from, (int) diskSize() / 4) + 1);
    if (dice.nextInt(3) == 0) {
      disk.zero(from, length, Disk.Room.RELEASE);
      Arrays.fill(before, from, from + length, (byte) 0);
    } else {
      ReadWriteContract.put(disk, before, from, length, version);
    }
    return before;
  }

  /// A crash at any moment leaves the old disk or the new one, which can be resized and written.
  @Test
  default void aCrashLeavesTheOldDiskOrTheNewOne() throws IOException {
    assumeResizable(fresh());
    for (long size : sizes()) {
      Lab lab = fresh();
      try (Disk disk = lab.open(image(), Access.WRITE)) {
        disk.write(3, Stamp.segment(3, (int) diskSize() - 3, 5));
        disk.flush();
      }
      crash(lab, size);
    }
  }

  /// The same of a child, which must not show the parent.
  @Test
  default void aCrashDoesNotShowTheParent() throws IOException {
    for (long size : sizes()) {
      Lab lab = above();
      assumeResizable(lab);
      crash(lab, size);
    }
  }

  private void crash(Lab lab, long size) throws IOException {
    byte[] before;
    try (Disk disk = lab.open(image(), Access.READ)) {
      before = Lab.content(disk);
    }
    byte[] after = Arrays.copyOf(before, (int) size);
    var dice = new SplittableRandom(7);
    Set<Long> seen = new HashSet<>();
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      Runnable during = () -> look(lab, List.of(before, after), after, dice, seen);
      lab.folder().files().forEach(file -> file.beforeFlush(during));
      disk.resize(size);
      lab.folder().files().forEach(file -> file.beforeFlush(() -> {}));
      assertFalse(seen.isEmpty(), "was never flushed");
      look(lab, List.of(after), after, dice, new HashSet<>());
    }
  }

  private void look(
      Lab lab, List<byte[]> allowed, byte[] after, RandomGenerator dice, Set<Long> seen) {
    CrashPoint.of(lab.folder().files())
        .states(
            dice,
            8,
            seen,
            state -> {
              try {
                examine(lab.with(state.storages()), allowed, after);
              } catch (IOException | AssertionError e) {
                throw new AssertionError(e + "\nafter a crash\n" + state.how(), e);
              }
            });
  }

  private void examine(Lab left, List<byte[]> allowed, byte[] after) throws IOException {
    left.recover(image());
    try (Disk disk = left.open(image(), Access.READ)) {
      byte[] found = Lab.content(disk);
      if (growsWithItsFile()) {
        int old = allowed.getFirst().length;
        Arrays.fill(found, Math.min(old, found.length), found.length, (byte) 0);
      }
      assertTrue(
          allowed.stream().anyMatch(one -> Arrays.equals(one, found)),
          () -> found.length + " bytes: " + Stamp.difference(after, found));
    }
    for (Finding finding : left.check(image())) {
      assertEquals(Severity.LEAK, finding.severity(), finding::toString);
    }
    byte[] expected = after.clone();
    try (Disk disk = left.open(image(), Access.WRITE)) {
      disk.resize(after.length);
      if (growsWithItsFile()) {
        ReadWriteContract.put(disk, expected, 0, after.length, 76);
      }
      assertEquals("", Stamp.difference(expected, Lab.content(disk)), "resized again");
      ReadWriteContract.put(disk, expected, after.length / 2, after.length / 2, 77);
      disk.flush();
    }
    try (Disk disk = left.open(image(), Access.READ)) {
      assertEquals("", Stamp.difference(expected, Lab.content(disk)), "written afterwards");
    }
    for (Finding finding : left.check(image())) {
      assertEquals(Severity.LEAK, finding.severity(), finding::toString);
    }
  }

  /// An image that was opened read-only keeps its size.
  @Test
  default void readOnlyImagesAreNotResized() throws IOException {
    Lab lab = fresh();
    assumeResizable(lab);
    try (Disk disk =
        lab.open(lab.folder().open(image(), Access.READ), image(), Access.READ, Purpose.DATA)) {
      assertThrows(ReadOnlyException.class, () -> disk.resize(2 * diskSize()));
      assertEquals(diskSize(), disk.size());
    }
  }
}
