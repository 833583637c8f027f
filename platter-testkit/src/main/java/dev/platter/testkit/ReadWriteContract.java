package dev.platter.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice.Room;
import dev.platter.Disk;
import dev.platter.image.Capability;
import dev.platter.image.Mapping;
import dev.platter.io.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Guest bytes go in and come out.
public interface ReadWriteContract extends FormatSubject {

  /// Work on an open disk beside the bytes that it must have.
  @FunctionalInterface
  interface Work {
    /// Changes both in the same way.
    void on(Disk disk, byte[] expected) throws IOException;
  }

  /// Does some work on a new image, compares, opens it again, compares and checks.
  default void after(Work work) throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.WRITE), "written only as a whole");
    Lab lab = fresh();
    byte[] expected = new byte[Math.toIntExact(diskSize())];
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      work.on(disk, expected);
      assertEquals("", Stamp.difference(expected, Lab.content(disk)), "before closing");
      ModelTest.checkExtents(disk, expected);
    }
    try (Disk disk = lab.open(image(), Access.READ)) {
      assertEquals("", Stamp.difference(expected, Lab.content(disk)), "opened again");
      ModelTest.checkExtents(disk, expected);
    }
    assertEquals(List.of(), lab.check(image()), "findings");
  }

  /// Writes a stamp to a disk and to the bytes that it must have.
  static void put(Disk disk, byte[] expected, long offset, long length, int version)
      throws IOException {
    byte[] bytes = Stamp.bytes(offset, (int) length, version);
    disk.write(offset, MemorySegment.ofArray(bytes));
    System.arraycopy(bytes, 0, expected, (int) offset, bytes.length);
  }

  /// A new image has nothing but zeros.
  @Test
  default void aNewImageReadsAsZeros() throws IOException {
    Lab lab = fresh();
    try (Disk disk = lab.open(image(), Access.READ)) {
      assertEquals(diskSize(), disk.size());
      assertTrue(Stamp.zeros(MemorySegment.ofArray(Lab.content(disk))));
    }
    assertEquals(List.of(), lab.check(image()));
  }

  /// Disks of all kinds of sizes, down to the smallest.
  @Test
  default void disksHaveOddSizes() throws IOException {
    int unit = unit();
    for (long asked : new long[] {1, 512, unit - 1, unit, unit + 1, 3L * unit + 512}) {
      var lab = new Lab();
      long size = variant().size(asked);
      lab.create(variant(), image(), size);
      if (!variant().can(Capability.WRITE)) {
        continue;
      }
      byte[] expected = new byte[(int) size];
      try (Disk disk = lab.open(image(), Access.WRITE)) {
        assertEquals(size, disk.size());
        put(disk, expected, size - 1, 1, 1);
        disk.flush();
      }
      try (Disk disk = lab.open(image(), Access.READ)) {
        assertEquals("", Stamp.difference(expected, Lab.content(disk)), "size " + size);
      }
      assertEquals(List.of(), lab.check(image()), "size " + size);
    }
  }

  /// Requests that begin or end beside the border of a unit.
  @Test
  default void writesAtTheBordersOfUnits() throws IOException {
    int unit = unit();
    after((disk, expected) -> {
      int version = 0;
      for (long start : new long[] {unit - 1, unit, unit + 1, 3L * unit - 512, 5L * unit}) {
        for (long length : new long[] {1, 2, 511, unit - 1, unit, unit + 2}) {
          long there = Math.min(length, disk.size() - start);
          if (there > 0) {
            put(disk, expected, start, there, ++version);
          }
        }
      }
    });
  }

  /// Later writes win where they overlap earlier ones.
  @Test
  default void overlappingWritesKeepTheLast() throws IOException {
    after((disk, expected) -> {
      long middle = disk.size() / 2;
      put(disk, expected, middle / 2, middle, 1);
      put(disk, expected, middle / 3, middle / 2, 2);
      put(disk, expected, middle - 700, 1400, 3);
      put(disk, expected, middle - 3, 7, 4);
    });
  }

  /// The whole disk, with its last unit that is not whole.
  @Test
  default void aWholeDiskIsWritten() throws IOException {
    after((disk, expected) -> put(disk, expected, 0, disk.size(), 1));
  }

  /// The last byte alone.
  @Test
  default void theLastByteIsWritten() throws IOException {
    after((disk, expected) -> put(disk, expected, disk.size() - 1, 1, 1));
  }

  /// Units from the last to the first, so that places are in another order than offsets.
  @Test
  default void unitsAreWrittenBackwards() throws IOException {
    int unit = unit();
    after((disk, expected) -> {
      for (long at = (disk.size() - 1) / unit * unit; at >= 0; at -= 2L * unit) {
        put(disk, expected, at, Math.min(unit, disk.size() - at), (int) (at / unit) + 1);
      }
    });
  }

  /// Requests of no bytes change nothing and are no error.
  @Test
  default void emptyRequestsDoNothing() throws IOException {
    after((disk, _) -> {
      disk.write(0, MemorySegment.ofArray(new byte[0]));
      disk.read(disk.size(), MemorySegment.ofArray(new byte[0]));
      disk.zero(disk.size(), 0, Room.RELEASE);
      disk.discard(0, 0);
    });
  }

  /// Requests outside the disk are refused and change nothing.
  @Test
  default void requestsOutsideTheDiskAreRefused() throws IOException {
    after((disk, _) -> {
      var bytes = MemorySegment.ofArray(new byte[2]);
      for (long at : new long[] {-1, disk.size() - 1, disk.size(), Long.MAX_VALUE}) {
        assertThrows(IndexOutOfBoundsException.class, () -> disk.read(at, bytes));
        assertThrows(IndexOutOfBoundsException.class, () -> disk.write(at, bytes));
        assertThrows(IndexOutOfBoundsException.class, () -> disk.zero(at, 2, Room.KEEP));
        assertThrows(IndexOutOfBoundsException.class, () -> disk.discard(at, 2));
      }
    });
  }

  /// Zeros over data, written, marked, with and without their room, whole units and parts.
  @Test
  default void zerosReplaceData() throws IOException {
    int unit = unit();
    after((disk, expected) -> {
      put(disk, expected, 0, disk.size(), 1);
      disk.zero(0, Math.min(unit, disk.size()), Room.RELEASE);
      Arrays.fill(expected, 0, (int) Math.min(unit, disk.size()), (byte) 0);
      for (Room room : Room.values()) {
        long start = (room == Room.KEEP ? 2L : 5L) * unit - 100;
        long length = Math.clamp(disk.size() - start, 0, 2L * unit);
        if (length > 0) {
          disk.zero(start, length, room);
          Arrays.fill(expected, (int) start, (int) (start + length), (byte) 0);
        }
      }
      disk.write(disk.size() - 9, MemorySegment.ofArray(new byte[9]));
      Arrays.fill(expected, expected.length - 9, expected.length, (byte) 0);
    });
  }

  /// What was zeroed can be written again, with either kind of room.
  @Test
  default void zeroedUnitsAreWrittenAgain() throws IOException {
    after((disk, expected) -> {
      for (Room room : Room.values()) {
        put(disk, expected, 0, disk.size(), 1);
        disk.zero(0, disk.size(), room);
        disk.flush();
        Arrays.fill(expected, (byte) 0);
        put(disk, expected, disk.size() / 3, disk.size() / 3, 2);
      }
    });
  }

  /// Zeros everywhere leave no data to read where the format can say zero.
  @Test
  default void zeroedUnitsAreKnownToBeZero() throws IOException {
    after((disk, _) -> {
      disk.write(0, Stamp.segment(0, (int) disk.size(), 1));
      disk.zero(0, disk.size(), Room.RELEASE);
      for (long at = 0; variant().can(Capability.ZERO) && at < disk.size(); ) {
        var extent = disk.extent(at, disk.size() - at);
        // where the storage's own holes say it, a page may be shared with something else
        assertTrue(extent.kind().isZero() || extent.length() < 4096, extent::toString);
        at = extent.end();
      }
    });
  }

  /// Discarded ranges are zeros or what they were, the rest is as before, and can be written.
  @Test
  default void discardedUnitsAreZeroOrUnchanged() throws IOException {
    after((disk, expected) -> {
      put(disk, expected, 0, disk.size(), 1);
      disk.flush();
      long start = disk.size() / 5 + 3;
      long length = disk.size() / 2;
      disk.discard(start, length);
      byte[] now = Lab.content(disk);
      for (int at = (int) start; at < start + length; at++) {
        assertTrue(now[at] == 0 || now[at] == expected[at], "offset " + at);
        expected[at] = now[at];
      }
      put(disk, expected, start + 10, length / 2, 2);
    });
  }

  /// Room that was given back is used again: the file does not grow without end.
  @Test
  default void roomIsUsedAgain() throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.WRITE));
    Lab lab = fresh();
    int whole = (int) diskSize();
    long after = 0;
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      for (int round = 0; round < 12; round++) {
        disk.write(0, Stamp.segment(0, whole, round + 1));
        disk.flush();
        disk.discard(0, whole);
        disk.flush();
        long size = lab.folder().file(image()).size();
        assertTrue(round < 3 || size <= after, "the file grows to " + size + " from " + after);
        after = Math.max(size, after);
      }
    }
    assertEquals(List.of(), lab.check(image()));
  }

  /// Maps cover the disk with runs of at least a byte that stay inside what was asked for.
  @Test
  default void mapsCoverTheDisk() throws IOException {
    Lab lab = used(1, variant().can(Capability.WRITE) ? 60 : 0);
    try (Disk disk = lab.open(image(), Access.READ)) {
      for (long asked : new long[] {1, 7, 512, unit(), disk.size()}) {
        for (long at = 0; at < disk.size(); ) {
          Mapping run = disk.top().map(at, Math.min(asked, disk.size() - at));
          assertTrue(run.length() >= 1 && run.length() <= asked, run::toString);
          if (run instanceof Mapping.Stored(var storage, long position, long length)) {
            assertTrue(position >= 0 && position + length <= storage.size(), run::toString);
          }
          at += run.length();
        }
      }
    }
  }

  /// A disk opened for writing and not written is the same file afterwards.
  @Test
  default void openingForWritingChangesNothingByItself() throws IOException {
    Lab lab = used(2, variant().can(Capability.WRITE) ? 20 : 0);
    long before = lab.folder().file(image()).visible().hash();
    Access access = variant().can(Capability.WRITE) ? Access.WRITE : Access.READ;
    try (Disk disk = lab.open(image(), access)) {
      assertEquals(diskSize(), Lab.content(disk).length);
    }
    assertEquals(before, lab.folder().file(image()).visible().hash());
  }
}
