package dev.platter.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.DiskOptions;
import dev.platter.Disks;
import dev.platter.Formats;
import dev.platter.image.Allocation;
import dev.platter.image.Blueprint;
import dev.platter.image.Capability;
import dev.platter.image.Claiming;
import dev.platter.image.Plan;
import dev.platter.image.Plan.Piece;
import dev.platter.image.Plan.PlannedFile;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Whole new images: a plan says every byte and every place before anything is written.
public interface PlanContract extends FormatSubject {

  /// Formats that cannot be created have nothing to show here.
  @BeforeEach
  default void canBeCreated() {
    Assumptions.assumeTrue(variant().can(Capability.CREATE), "never created");
  }

  /// Runs of data and holes with borders anywhere.
  static Allocation randomAllocation(long size, int unit, RandomGenerator dice) {
    var runs = new Allocation.Builder();
    long at = dice.nextBoolean() ? 0 : dice.nextLong(2L * unit);
    while (at < size) {
      long length = Math.min(dice.nextInt(1, 4 * unit), size - at);
      if (dice.nextInt(3) > 0) {
        runs.data(at, length);
      }
      at += length + (dice.nextBoolean() ? 0 : dice.nextLong(3L * unit));
    }
    return runs.build(size);
  }

  /// A disk that has stamps where an allocation has data, and zeros elsewhere.
  static BlockDevice source(Allocation allocation) throws IOException {
    var storage = new MemoryStorage("source");
    storage.resize(allocation.size());
    for (int run = 0; run < allocation.count(); run++) {
      long start = allocation.start(run);
      int length = (int) (allocation.end(run) - start);
      storage.write(start, Stamp.segment(start, length, run + 1));
    }
    var formats = new Formats(List.of(new PlainFormat()));
    return new Disks(formats).open(storage, DiskOptions.standard().format(Optional.of("plain")));
  }

  /// The plan for an allocation.
  default Plan plan(Allocation allocation) throws IOException {
    Blueprint blueprint = new Lab().blueprint(variant(), image(), allocation.size());
    return variant().format().plan(blueprint, allocation);
  }

  /// Pieces ascend, are disjoint and inside their file, and copy guest bytes once.
  @Test
  default void piecesAreInOrder() throws IOException {
    for (long seed = 0; seed < 30; seed++) {
      var dice = new SplittableRandom(seed);
      long size = variant().size(dice.nextLong(1, 2 * diskSize()));
      Plan plan = plan(randomAllocation(size, unit(), dice));
      assertEquals("", plan.files().getFirst().name(), "the main file's name is the user's");
      for (PlannedFile file : plan.files()) {
        long end = 0;
        long guest = 0;
        for (Piece piece : file.pieces()) {
          assertTrue(piece.position() >= end && piece.length() > 0, piece + " after " + end);
          end = piece.position() + piece.length();
          if (piece instanceof Piece.Guest run) {
            assertTrue(run.offset() >= 0 && run.offset() < size, run::toString);
            guest += run.length();
          }
        }
        assertTrue(end <= file.size(), "pieces end at " + end + ", the file at " + file.size());
        assertTrue(guest <= size + 2L * unit(), guest + " guest bytes of " + size);
      }
    }
  }

  /// A written plan is as large as it said.
  @Test
  default void sizesAreExact() throws IOException {
    for (long seed = 30; seed < 50; seed++) {
      Allocation allocation = randomAllocation(diskSize(), unit(), new SplittableRandom(seed));
      Plan plan = plan(allocation);
      var files = new MemoryFolder();
      new PlanWriter(source(allocation))
          .write(plan, part -> files.create(part.isEmpty() ? image() : part));
      long written = 0;
      for (FaultStorage file : files.files()) {
        written += file.size();
      }
      assertEquals(plan.size(), written);
    }
  }

  /// Metadata is the same whatever window of it is asked for: windows begin at multiples of 512,
  /// and end there or with the piece.
  @Test
  default void metadataIsTheSameInAnyWindow() throws IOException {
    for (long seed = 50; seed < 55; seed++) {
      var dice = new SplittableRandom(seed);
      Plan plan = plan(randomAllocation(diskSize(), unit(), dice));
      for (PlannedFile file : plan.files()) {
        for (Piece piece : file.pieces()) {
          if (piece instanceof Piece.Metadata metadata && metadata.length() < 1 << 22) {
            sameInAnyWindow(metadata, dice);
          }
        }
      }
    }
  }

  private static void sameInAnyWindow(Piece.Metadata metadata, RandomGenerator dice)
      throws IOException {
    byte[] whole = window(metadata, 0, (int) metadata.length());
    for (int tries = 0; tries < 12; tries++) {
      int start = dice.nextInt((int) (metadata.length() / 512) + 1) * 512;
      if (start < metadata.length()) {
        int rest = (int) metadata.length() - start;
        int length = Math.min(dice.nextInt(1, rest / 512 + 2) * 512, rest);
        byte[] part = window(metadata, start, length);
        assertEquals(
            -1,
            MemorySegment.ofArray(whole)
                .asSlice(start, length)
                .mismatch(MemorySegment.ofArray(part)),
            () -> metadata + " from " + start + ", " + length + " bytes");
      }
    }
  }

  private static byte[] window(Piece.Metadata metadata, int start, int length) throws IOException {
    byte[] bytes = new byte[length];
    metadata.source().fill(start, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// What was planned and written opens, is equal to its source, sound, and can be written.
  @Test
  default void plannedImagesAreEqualToTheirSource() throws IOException {
    for (long seed = 60; seed < 100; seed++) {
      var dice = new SplittableRandom(seed);
      long size = variant().size(dice.nextLong(1, 2 * diskSize()));
      Allocation allocation = randomAllocation(size, unit(), dice);
      isEqualAndSound(allocation);
    }
  }

  /// A disk that is all data.
  @Test
  default void fullDisksArePlanned() throws IOException {
    isEqualAndSound(Allocation.full(diskSize()));
  }

  private void isEqualAndSound(Allocation allocation) throws IOException {
    var lab = new Lab();
    try (BlockDevice source = source(allocation)) {
      lab.createFrom(variant(), image(), source, allocation);
      byte[] expected = Lab.content(source);
      assertEquals(List.of(), lab.check(image()));
      Access access = variant().can(Capability.WRITE) ? Access.WRITE : Access.READ;
      try (Disk disk = lab.open(image(), access)) {
        if (disk.top() instanceof Claiming claiming) {
          assertEquals(List.of(), ClaimSweep.unclaimed(claiming));
        }
        assertEquals("", Stamp.difference(expected, Lab.content(disk)));
        ModelTest.checkExtents(disk, expected);
        if (disk.writable()) {
          ReadWriteContract.put(disk, expected, disk.size() / 2, (disk.size() + 3) / 4, 77);
        }
      }
      try (Disk disk = lab.open(image(), Access.READ)) {
        assertEquals("", Stamp.difference(expected, Lab.content(disk)), "written again");
      }
      assertEquals(List.of(), lab.check(image()), "written again");
    }
  }

  /// The same blueprint makes the same file.
  @Test
  default void plansAreReproducible() throws IOException {
    Allocation allocation = randomAllocation(diskSize(), unit(), new SplittableRandom(7));
    var one = new Lab();
    var other = new Lab();
    one.createFrom(variant(), image(), source(allocation), allocation);
    other.createFrom(variant(), image(), source(allocation), allocation);
    assertArrayEquals(bytes(one), bytes(other));
  }

  private byte[] bytes(Lab lab) throws IOException {
    FaultStorage file = lab.folder().file(image());
    byte[] bytes = new byte[Math.toIntExact(file.size())];
    file.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /// Marks of zeros are planned too: in a child they hide the parent.
  @Test
  default void plannedZerosHideTheParent() throws IOException {
    Assumptions.assumeTrue(
        variant().parents() != Variant.Parents.NONE && variant().can(Capability.ZERO));
    var lab = new Lab();
    String parent = "parent." + variant().format().extensions().getFirst();
    long size = diskSize();
    int unit = unit();
    lab.create(variant(), parent, size);
    try (Disk disk = lab.open(parent, Access.WRITE)) {
      disk.write(0, Stamp.segment(0, (int) size, 9));
      disk.flush();
    }
    byte[] expected = Stamp.bytes(0, (int) size, 9);
    Arrays.fill(expected, 2 * unit, 5 * unit, (byte) 0);
    Allocation zeros = new Allocation.Builder().zero(2L * unit, 3L * unit).build(size);
    lab.createChildWith(variant(), image(), zeros, parent);
    try (Disk disk = lab.open(image(), Access.READ)) {
      assertEquals("", Stamp.difference(expected, Lab.content(disk)));
    }
    assertEquals(List.of(), lab.check(image()));
  }
}
