package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.get;
import static dev.platter.tests.format.LabBytes.put;
import static dev.platter.tests.format.LabBytes.random;
import static dev.platter.tests.format.VhdxLab.BAT;
import static dev.platter.tests.format.VhdxLab.HEADER;
import static dev.platter.tests.format.VhdxLab.LOG;
import static dev.platter.tests.format.VhdxLab.MIB;
import static dev.platter.tests.format.VhdxLab.buffer;
import static dev.platter.tests.format.VhdxLab.getLong;
import static dev.platter.tests.format.VhdxLab.image;
import static dev.platter.tests.format.VhdxLab.putInHeaders;
import static dev.platter.tests.format.VhdxLab.putLong;
import static dev.platter.tests.format.VhdxLab.read;
import static dev.platter.tests.format.VhdxLab.seal;
import static dev.platter.tests.format.VhdxLab.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import dev.platter.io.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is left in logs.
class VhdxLogTest {
  private static final int SIZE = 4 * MIB;
  private static final byte[] GUID = random(16, 77);
  private static final long BLOCK = 4L * MIB;

  private final VhdxLab lab = new VhdxLab();
  private MemoryStorage file;

  /// A change that a log entry asks for.
  ///
  /// @param sector new bytes, empty for zeros
  private record Change(long position, long length, byte[] sector) {
    static Change data(long position, byte[] sector) {
      return new Change(position, sector.length, sector);
    }

    static Change zeros(long position, long length) {
      return new Change(position, length, new byte[0]);
    }
  }

  @BeforeEach
  void anImageOfFourBlocks() throws IOException {
    file = lab.create("x.vhdx", SIZE);
  }

  /// A log entry as the specification has it.
  private byte[] entry(long sequence, long tail, long fileSize, Change... changes) {
    List<Change> data = Arrays.stream(changes).filter(c -> c.sector.length > 0).toList();
    int descriptors = (64 + 32 * changes.length + 4095) / 4096;
    ByteBuffer entry = buffer((descriptors + data.size()) * 4096);
    entry.put(new byte[] {'l', 'o', 'g', 'e'}).putInt(0).putInt(entry.capacity());
    entry.putInt((int) tail).putLong(sequence).putInt(changes.length).putInt(0).put(GUID);
    entry.putLong(fileSize).putLong(fileSize);
    for (Change change : changes) {
      if (change.sector.length == 0) {
        entry.put(new byte[] {'z', 'e', 'r', 'o'}).putInt(0).putLong(change.length);
      } else {
        entry.put(new byte[] {'d', 'e', 's', 'c'}).put(change.sector, 4092, 4);
        entry.put(change.sector, 0, 8);
      }
      entry.putLong(change.position).putLong(sequence);
    }
    entry.position(descriptors * 4096);
    for (Change change : data) {
      entry.put(new byte[] {'d', 'a', 't', 'a'}).putInt((int) (sequence >>> 32));
      entry.put(change.sector, 8, 4084).putInt((int) sequence);
    }
    return seal(entry.array());
  }

  private void useLog() throws IOException {
    putInHeaders(file, 48, GUID);
  }

  private byte[] batWith(long... entries) throws IOException {
    byte[] sector = get(file, BAT, 4096);
    ByteBuffer table = buffer(4096).put(sector);
    for (int i = 0; i < entries.length; i++) {
      table.putLong(8 * i, entries[i]);
    }
    return table.array();
  }

  /// Asserts that block 0 reads as `content`, read-only without a change of the file, and written.
  private void assertReplayed(byte[] content) throws IOException {
    byte[] before = get(file, 0, (int) file.size());
    try (Disk disk = lab.open("x.vhdx", Access.READ)) {
      assertArrayEquals(content, read(disk, 0, MIB));
    }
    assertArrayEquals(before, get(file, 0, (int) file.size()));
    try (Disk disk = lab.open("x.vhdx", Access.WRITE)) {
      assertArrayEquals(content, read(disk, 0, MIB));
    }
    for (long header : new long[] {HEADER, 2 * HEADER}) {
      assertArrayEquals(new byte[16], get(file, header + 48, 16), "log of " + header);
    }
  }

  private byte[] blockInFile(int seed) throws IOException {
    byte[] content = random(MIB, seed);
    put(file, BLOCK, content);
    return content;
  }

  @Test
  void anEntryIsReplayed() throws IOException {
    byte[] content = blockInFile(1);
    put(file, LOG, entry(9, 0, file.size(), Change.data(BAT, batWith(BLOCK | 6))));
    useLog();
    try (Image image = image(file, Access.READ, Purpose.INFO)) {
      assertTrue(image.info().dirty());
    }
    assertReplayed(content);
    assertEquals(BLOCK | 6, getLong(file, BAT));
  }

  @Test
  void theNewestSequenceCountsFromItsTailOn() throws IOException {
    byte[] content = blockInFile(2);
    file.resize(BLOCK + 2 * MIB);
    long size = file.size();
    // an older sequence, a sequence of two, and an entry that was not written to its end
    put(file, LOG, entry(3, 0, size, Change.data(BAT, batWith(3))));
    put(file, LOG + 16384, entry(4, 16384, size, Change.data(BAT, batWith(BLOCK + MIB | 6))));
    byte[] second = entry(5, 16384, size, Change.data(BAT, batWith(BLOCK | 6)));
    put(file, LOG + 24576, second);
    byte[] torn = entry(6, 16384, size, Change.data(BAT, batWith(2)));
    put(file, LOG + 24576 + second.length, Arrays.copyOf(torn, 4096));
    useLog();
    assertReplayed(content);
  }

  @Test
  void aRingIsFollowedOverItsEnd() throws IOException {
    byte[] content = blockInFile(3);
    byte[] entry = entry(7, MIB - 4096, file.size(), Change.data(BAT, batWith(BLOCK | 6)));
    put(file, LOG + MIB - 4096, Arrays.copyOf(entry, 4096));
    put(file, LOG, Arrays.copyOfRange(entry, 4096, 8192));
    useLog();
    assertReplayed(content);
  }

  @Test
  void zerosAndManyDescriptorsAreReplayed() throws IOException {
    byte[] content = blockInFile(4);
    putLong(file, BAT, BLOCK | 6);
    var changes = new ArrayList<Change>();
    for (int i = 0; i < 130; i++) {
      changes.add(
          i % 2 == 0
              ? Change.zeros(BLOCK + i * 4096, 4096)
              : Change.data(BLOCK + i * 4096, random(4096, i)));
      byte[] sector = i % 2 == 0 ? new byte[4096] : random(4096, i);
      System.arraycopy(sector, 0, content, i * 4096, 4096);
    }
    changes.add(Change.zeros(BLOCK + 200 * 4096, 50 * 4096));
    Arrays.fill(content, 200 * 4096, 250 * 4096, (byte) 0);
    put(file, LOG, entry(1, 0, file.size(), changes.toArray(Change[]::new)));
    useLog();
    assertReplayed(content);
  }

  @Test
  void entriesOfAnotherLogAndSequencesWithoutTheirTailDoNotCount() throws IOException {
    byte[] content = blockInFile(5);
    putLong(file, BAT, BLOCK | 6);
    byte[] foreign = entry(8, 0, file.size(), Change.data(BAT, batWith(2)));
    foreign[32] ^= 1;
    put(file, LOG, seal(foreign));
    put(file, LOG + 8192, entry(9, 4096, file.size(), Change.data(BAT, batWith(2))));
    useLog();
    assertReplayed(content);
    try (Disk disk = lab.open("x.vhdx", Access.WRITE)) {
      write(disk, MIB, random(MIB, 6));
    }
    try (Disk disk = lab.open("x.vhdx", Access.READ)) {
      assertArrayEquals(random(MIB, 6), read(disk, MIB, MIB));
    }
  }

  @Test
  void entriesThatReachOutAreRefusedBeforeAnythingChanges() throws IOException {
    byte[] sector = random(4096, 1);
    long size = file.size();
    List<Change> hostile =
        List.of(
            Change.data(0, sector),
            Change.data(65_536, sector),
            Change.data(LOG + 8192, sector),
            Change.data(BAT + 512, sector),
            Change.data(size, sector),
            Change.data(-4096, sector),
            Change.zeros(BAT, Long.MAX_VALUE & -4096),
            Change.zeros(BAT, -4096),
            Change.zeros(LOG - 4096, 8192),
            Change.zeros(BAT, 100));
    for (Change change : hostile) {
      put(file, LOG, entry(2, 0, size, Change.data(BAT, batWith(2)), change));
      useLog();
      byte[] before = get(file, BAT, MIB);
      for (Access access : Access.values()) {
        var refused =
            assertThrows(
                ImageException.Corrupt.class, () -> image(file, access, Purpose.DATA).close());
        assertTrue(refused.getMessage().contains("log entry at 1048576"), refused.getMessage());
      }
      assertArrayEquals(before, get(file, BAT, MIB));
    }
  }

  @Test
  void aFileThatWasCutIsRefused() throws IOException {
    put(file, LOG, entry(2, 0, file.size() + MIB, Change.data(BAT, batWith(2))));
    useLog();
    var refused =
        assertThrows(
            ImageException.Corrupt.class, () -> image(file, Access.READ, Purpose.DATA).close());
    assertTrue(refused.getMessage().contains("the file had"), refused.getMessage());
  }

  @Test
  void everyChangeOfTheTablesIsInTheLogFirst() throws IOException {
    byte[] content = random(2 * MIB, 8);
    try (Disk disk = lab.open("x.vhdx", Access.WRITE)) {
      write(disk, 0, content);
      disk.flush();
      MemoryStorage crashed = lab.copy("x.vhdx", "crashed.vhdx");
      assertFalse(Arrays.equals(new byte[16], get(crashed, HEADER + 48, 16)));
      // the table as if nothing of it had reached the disk
      put(crashed, BAT, new byte[4096]);
      try (Disk other = lab.open("crashed.vhdx", Access.READ)) {
        assertArrayEquals(content, read(other, 0, 2 * MIB));
      }
      try (Disk other = lab.open("crashed.vhdx", Access.WRITE)) {
        assertArrayEquals(content, read(other, 0, 2 * MIB));
      }
    }
    assertArrayEquals(new byte[16], get(file, HEADER + 48, 16));
  }

  @Test
  void aTableOfManySectorsTakesManyEntries() throws IOException {
    long size = 300L << 30;
    Storage large = lab.create("large.vhdx", size);
    long batStart = getLong(large, VhdxLab.REGIONS + 32);
    byte[] zeros = new byte[8];
    try (Disk disk = lab.open("large.vhdx", Access.WRITE)) {
      disk.discard(0, size);
      disk.flush();
      assertArrayEquals(zeros, get(large, batStart, 8));
      assertEquals(size, disk.extent(0, size).length());
    }
  }

  @Test
  void guidsChangeOnceASession() throws IOException {
    byte[] before = get(file, HEADER + 16, 32);
    try (Disk disk = lab.open("x.vhdx", Access.WRITE)) {
      assertEquals(MIB, disk.top().allocationUnit());
    }
    assertArrayEquals(before, get(file, HEADER + 16, 32));
    try (Disk disk = lab.open("x.vhdx", Access.WRITE)) {
      write(disk, 0, new byte[] {1});
      byte[] changed = get(file, HEADER + 16, 32);
      assertFalse(Arrays.equals(before, 0, 16, changed, 0, 16));
      assertFalse(Arrays.equals(before, 16, 32, changed, 16, 32));
      write(disk, 9, new byte[] {1});
      disk.flush();
      assertArrayEquals(changed, get(file, HEADER + 16, 32));
    }
  }
}
