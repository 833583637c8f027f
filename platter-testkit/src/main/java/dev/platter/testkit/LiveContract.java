package dev.platter.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice.Room;
import dev.platter.Disk;
import dev.platter.image.Capability;
import dev.platter.image.Claiming;
import dev.platter.image.Commented;
import dev.platter.image.Discarding;
import dev.platter.image.HasGeometry;
import dev.platter.image.Identified;
import dev.platter.image.Image;
import dev.platter.image.Mapping;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.image.ReadOnlyException;
import dev.platter.image.Repairable;
import dev.platter.image.Reservation;
import dev.platter.image.Zeroing;
import dev.platter.io.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/// Changing an image in place: reservations, order, read-only handles, threads.
public interface LiveContract extends FormatSubject {

  /// The first offset that needs new room, or a skipped case.
  default long unallocated(Image image) throws IOException {
    for (long at = 0; at < image.size(); ) {
      Mapping mapping = image.map(at, image.size() - at);
      if (!(mapping instanceof Mapping.Stored)) {
        return at;
      }
      at += mapping.length();
    }
    throw new TestAbortedException("everything has room already");
  }

  /// A reservation contains what was asked for, is aligned, and has a place of its own.
  @Test
  default void reservationsContainWhatWasAskedFor() throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.WRITE));
    Lab lab = used(3, 10);
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      Image image = disk.top();
      long offset = unallocated(image);
      image.prepareToWrite();
      int unit = image.allocationUnit();
      long asked = Math.min(2L * unit, image.size() - offset);
      Reservation room = image.reserve(Math.min(offset + unit / 2, image.size() - 1), asked);
      assertTrue(room.offset() <= offset + unit / 2, "starts at " + room.offset());
      assertTrue(room.offset() + room.length() > offset + unit / 2, "has the offset");
      assertEquals(0, room.offset() % unit, "offset " + room.offset());
      assertEquals(0, room.length() % unit, "length " + room.length());
      assertTrue(image.map(offset, 1) instanceof Mapping.Stored == false, "nothing refers to it");
      for (long at = 0; at < image.size(); ) {
        Mapping run = image.map(at, image.size() - at);
        if (run instanceof Mapping.Stored(var storage, long position, long length)
            && storage.identity().equals(room.storage().identity())) {
          assertTrue(
              position + length <= room.position() || position >= room.position() + room.length(),
              run + " is where the reserved room is");
        }
        at += run.length();
      }
      room.cancel();
    }
  }

  /// A cancelled reservation leaves no trace: the next one gets the same place, the image is sound.
  @Test
  default void cancelledReservationsLeaveNoTrace() throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.WRITE));
    Lab lab = used(4, 10);
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      byte[] before = Lab.content(disk);
      Image image = disk.top();
      long offset = unallocated(image);
      image.prepareToWrite();
      Reservation first = image.reserve(offset, 1);
      long place = first.position();
      first.cancel();
      for (int times = 0; times < 50; times++) {
        Reservation again = image.reserve(offset, 1);
        assertEquals(place, again.position(), "after " + times + " times");
        again.cancel();
      }
      assertEquals("", Stamp.difference(before, Lab.content(disk)));
      image.flush();
    }
    assertEquals(List.of(), lab.check(image()));
  }

  /// Reserved room that is published is where the map says; its bytes are the disk's.
  @Test
  default void publishedRoomIsMapped() throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.WRITE));
    Lab lab = fresh();
    byte[] expected = new byte[Math.toIntExact(diskSize())];
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      Image image = disk.top();
      long offset = unallocated(image);
      image.prepareToWrite();
      Reservation room = image.reserve(offset, 1);
      byte[] bytes = Stamp.bytes(room.offset(), (int) room.length(), 1);
      room.storage().write(room.position(), MemorySegment.ofArray(bytes));
      room.publish();
      var stored = assertInstanceOf(Mapping.Stored.class, image.map(offset, 1));
      assertEquals(room.position() + offset - room.offset(), stored.position());
      int there = (int) Math.min(room.length(), expected.length - room.offset());
      System.arraycopy(bytes, 0, expected, (int) room.offset(), there);
      image.flush();
    }
    try (Disk disk = lab.open(image(), Access.READ)) {
      assertEquals("", Stamp.difference(expected, Lab.content(disk)));
    }
    assertEquals(List.of(), lab.check(image()));
  }

  /// Whatever a crash takes away, a new unit is either not there or has its bytes.
  @Test
  default void nothingRefersToWhatIsNotDurable() throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.WRITE));
    CrashTest crash = CrashTest.alone(variant(), variant().size(Math.min(diskSize(), 40_000)));
    for (long seed = 1; seed <= 6; seed++) {
      crash.run(seed, 6, 4);
    }
    assertTrue(crash.states() > 0, "states");
  }

  /// What a flush has confirmed is durable: a crash right after it loses nothing.
  @Test
  default void flushedBytesAreDurable() throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.WRITE));
    Lab lab = fresh();
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      disk.write(1000, Stamp.segment(1000, 5000, 1));
      disk.flush();
      byte[] content = Lab.content(disk);
      List<FaultStorage> files =
          CrashPoint.of(lab.folder().files()).restore(Survival.of(new BitSet()), Change.Gap.ZEROS);
      Lab after = lab.with(files);
      try (Disk found = after.open(image(), Access.READ)) {
        assertEquals("", Stamp.difference(content, Lab.content(found)));
      }
    }
  }

  /// A read-only disk refuses every change, and its file stays as it was.
  @Test
  default void readOnlyMeansReadOnly() throws IOException {
    Lab lab = used(6, variant().can(Capability.WRITE) ? 20 : 0);
    FaultStorage file = lab.folder().file(image());
    long before = file.visible().hash();
    long calls = changes(file);
    try (Disk disk = lab.open(file, image(), Access.READ, Purpose.DATA)) {
      var bytes = Stamp.segment(0, 512, 1);
      assertThrows(ReadOnlyException.class, () -> disk.write(0, bytes));
      assertThrows(ReadOnlyException.class, () -> disk.zero(0, disk.size(), Room.RELEASE));
      assertThrows(ReadOnlyException.class, () -> disk.zero(0, 1, Room.KEEP));
      assertThrows(ReadOnlyException.class, () -> disk.discard(0, disk.size()));
      disk.flush();
      assertEquals(disk.size(), Lab.content(disk).length);
    }
    assertEquals(before, file.visible().hash());
    assertEquals(calls, changes(file), "calls that change something");
  }

  private static long changes(FaultStorage file) {
    return file.log().stream().filter(event -> event.call() != FaultStorage.Call.READ).count();
  }

  /// Images say what they are able to: marks of zeros and giving back are there or not.
  @Test
  default void capabilitiesAreInterfaces() throws IOException {
    Access access = variant().can(Capability.WRITE) ? Access.WRITE : Access.READ;
    try (Disk disk = fresh().open(image(), access)) {
      Image image = disk.top();
      assertEquals(variant().can(Capability.ZERO), image instanceof Zeroing, "ZERO");
      assertEquals(variant().can(Capability.DISCARD), image instanceof Discarding, "DISCARD");
      assertEquals(variant().can(Capability.CHECK), image instanceof Claiming, "CHECK");
      assertEquals(variant().can(Capability.REPAIR), image instanceof Repairable, "REPAIR");
      assertEquals(variant().can(Capability.IDENTITY), image instanceof Identified, "IDENTITY");
      assertEquals(variant().can(Capability.COMMENT), image instanceof Commented, "COMMENT");
      assertEquals(variant().can(Capability.GEOMETRY), image instanceof HasGeometry, "GEOMETRY");
    }
  }

  /// The modification identity changes once, with the first write after opening.
  @Test
  default void modificationsChangeTheModificationIdentity() throws IOException {
    Assumptions.assumeTrue(variant().can(Capability.IDENTITY) && variant().can(Capability.WRITE));
    Lab lab = fresh();
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      var image = assertInstanceOf(Identified.class, disk.top());
      var identity = image.identity();
      var before = image.modification();
      disk.write(0, Stamp.segment(0, 512, 1));
      var after = image.modification();
      disk.write(512, Stamp.segment(512, 512, 1));
      assertEquals(identity, image.identity());
      assertEquals(after, image.modification());
      before.ifPresent(earlier -> assertNotEquals(earlier, after.orElseThrow()));
    }
  }

  /// Threads that read and write the same places see bytes of one of the writes, never others.
  @Test
  default void threadsShareADisk() throws Exception {
    Assumptions.assumeTrue(variant().can(Capability.WRITE));
    Lab lab = fresh();
    var failures = new ConcurrentLinkedQueue<Throwable>();
    try (Disk disk = lab.open(image(), Access.WRITE)) {
      List<Thread> threads =
          IntStream.range(0, 6)
              .mapToObj(number -> Thread.ofPlatform().unstarted(() -> work(disk, number, failures)))
              .toList();
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(List.of(), List.copyOf(failures));
      disk.flush();
    }
    try (Disk disk = lab.open(image(), Access.READ)) {
      checkStamps(Lab.content(disk), 0);
    }
    assertEquals(List.of(), lab.check(image()));
  }

  private static void work(Disk disk, int number, Collection<Throwable> failures) {
    var dice = new Random(number);
    try {
      for (int round = 0; round < 150; round++) {
        int sectors = (int) (disk.size() / 512);
        int offset = dice.nextInt(sectors) * 512;
        int length = Math.min(dice.nextInt(1, 20), sectors - offset / 512) * 512;
        switch (dice.nextInt(8)) {
          case 0 -> disk.flush();
          case 1 -> disk.zero(offset, length, Room.RELEASE);
          case 2 -> disk.discard(offset, length);
          case 3, 4, 5 -> disk.write(offset, Stamp.segment(offset, length, 1 + round));
          default -> {
            byte[] found = new byte[length];
            disk.read(offset, MemorySegment.ofArray(found));
            checkStamps(found, offset);
          }
        }
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      failures.add(e);
    }
  }

  /// Every sixteen bytes are zeros or a stamp of their own place.
  private static void checkStamps(byte[] bytes, long offset) {
    for (int at = 0; at + 16 <= bytes.length; at += 16) {
      boolean zeros = Stamp.zeros(MemorySegment.ofArray(bytes).asSlice(at, 16));
      if (!zeros && Stamp.version(bytes, at, offset + at) < 1) {
        throw new AssertionError("offset " + (offset + at) + " has " + Stamp.describe(bytes, at));
      }
    }
  }
}
