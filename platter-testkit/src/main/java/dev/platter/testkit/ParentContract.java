package dev.platter.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice.Room;
import dev.platter.Disk;
import dev.platter.io.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// A child shows its parent until it is written, and never again where it was.
public interface ParentContract extends ReadWriteContract {

  /// The parent's file name.
  default String parentImage() {
    return "parent." + variant().format().extensions().getFirst();
  }

  /// A child of `size` bytes on a parent of `parentSize` bytes that is full of data; some work on
  /// it, then everything is compared, opened again, compared and checked. The parent's file must be
  /// as before.
  default void onChild(long size, long parentSize, Work work) throws IOException {
    Assumptions.assumeTrue(variant().parents() != Variant.Parents.NONE, "never a child");
    var lab = new Lab();
    lab.create(variant(), parentImage(), parentSize);
    try (Disk parent = lab.open(parentImage(), Access.WRITE)) {
      parent.write(0, Stamp.segment(0, (int) parentSize, 1000));
      parent.flush();
    }
    lab.createChild(variant(), image(), size, parentImage());
    long parentBytes = lab.folder().file(parentImage()).visible().hash();
    byte[] expected = Arrays.copyOf(Stamp.bytes(0, (int) parentSize, 1000), (int) size);
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      assertEquals(2, disk.layers().size(), "images in the chain");
      assertEquals("", Stamp.difference(expected, Lab.content(disk)), "a new child");
      work.on(disk, expected);
      assertEquals("", Stamp.difference(expected, Lab.content(disk)), "before closing");
      ModelTest.checkExtents(disk, expected);
      disk.flush();
    }
    try (Disk disk = lab.open(image(), Access.READ)) {
      assertEquals("", Stamp.difference(expected, Lab.content(disk)), "opened again");
      ModelTest.checkExtents(disk, expected);
    }
    assertEquals(List.of(), lab.check(image()), "findings");
    assertEquals(parentBytes, lab.folder().file(parentImage()).visible().hash(), "the parent");
  }

  /// A new child has its parent's bytes.
  @Test
  default void aNewChildReadsItsParent() throws IOException {
    onChild(diskSize(), diskSize(), (_, _) -> {});
  }

  /// A few bytes are written: the rest of their unit is still the parent's.
  @Test
  default void copyOnWriteKeepsTheRest() throws IOException {
    int unit = unit();
    onChild(
        diskSize(),
        diskSize(),
        (disk, expected) -> {
          ReadWriteContract.put(disk, expected, unit + 7, 9, 1);
          ReadWriteContract.put(disk, expected, 3L * unit - 1, 2, 2);
          ReadWriteContract.put(disk, expected, disk.size() - 1, 1, 3);
          ReadWriteContract.put(disk, expected, 5L * unit, unit, 4);
        });
  }

  /// Zeros hide the parent, written or marked, in whole units and parts, also after opening again.
  @Test
  default void zerosHideTheParent() throws IOException {
    int unit = unit();
    onChild(
        diskSize(),
        diskSize(),
        (disk, expected) -> {
          disk.zero(0, 2L * unit, Room.RELEASE);
          Arrays.fill(expected, 0, 2 * unit, (byte) 0);
          disk.zero(3L * unit + 5, 2L * unit, Room.KEEP);
          Arrays.fill(expected, 3 * unit + 5, 5 * unit + 5, (byte) 0);
          disk.write(6L * unit, MemorySegment.ofArray(new byte[unit]));
          Arrays.fill(expected, 6 * unit, 7 * unit, (byte) 0);
          disk.zero(disk.size() - 700, 700, Room.RELEASE);
          Arrays.fill(expected, expected.length - 700, expected.length, (byte) 0);
        });
  }

  /// What a child had written and discards does not bring the parent's bytes back.
  @Test
  default void discardNeverShowsTheParent() throws IOException {
    onChild(
        diskSize(),
        diskSize(),
        (disk, expected) -> {
          ReadWriteContract.put(disk, expected, 0, disk.size() / 2, 1);
          disk.discard(0, disk.size() * 3 / 4);
          byte[] now = Lab.content(disk);
          for (int at = 0; at < now.length; at++) {
            assertTrue(now[at] == 0 || now[at] == expected[at], "offset " + at);
          }
          System.arraycopy(now, 0, expected, 0, now.length);
        });
  }

  /// Behind the end of a smaller parent are zeros.
  @Test
  default void aParentMayBeSmaller() throws IOException {
    long smaller = variant().size(diskSize() * 2 / 5);
    onChild(
        diskSize(),
        smaller,
        (disk, expected) -> {
          ReadWriteContract.put(disk, expected, smaller - 1, 1, 1);
          ReadWriteContract.put(disk, expected, Math.min(smaller + 3000, disk.size() - 5), 5, 2);
        });
  }

  /// What a larger parent has behind the child's end stays away.
  @Test
  default void aParentMayBeLarger() throws IOException {
    onChild(
        diskSize(),
        variant().size(diskSize() * 2),
        (disk, expected) -> ReadWriteContract.put(disk, expected, disk.size() - 1, 1, 1));
  }

  /// Three images: the top shows through to the base, the one between is not changed.
  @Test
  default void childrenHaveChildren() throws IOException {
    Assumptions.assumeTrue(variant().parents() != Variant.Parents.NONE, "never a child");
    var lab = new Lab();
    long size = diskSize();
    byte[] expected = new byte[(int) size];
    String below = "";
    for (int layer = 0; layer < 3; layer++) {
      String name = "layer" + layer + "." + variant().format().extensions().getFirst();
      if (layer == 0) {
        lab.create(variant(), name, size);
      } else {
        lab.createChild(variant(), name, size, below);
      }
      try (Disk disk = lab.open(name, Access.WRITE)) {
        ReadWriteContract.put(disk, expected, layer * size / 4, size / 2, layer + 1);
        disk.flush();
        assertEquals("", Stamp.difference(expected, Lab.content(disk)), name);
      }
      below = name;
    }
    try (Disk disk = lab.open(below, Access.READ)) {
      assertEquals(3, disk.layers().size());
      assertEquals("", Stamp.difference(expected, Lab.content(disk)));
    }
  }
}
