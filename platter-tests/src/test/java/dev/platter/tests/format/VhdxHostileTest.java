package dev.platter.tests.format;

import static dev.platter.tests.format.LabBytes.get;
import static dev.platter.tests.format.LabBytes.put;
import static dev.platter.tests.format.VhdxLab.BAT;
import static dev.platter.tests.format.VhdxLab.HEADER;
import static dev.platter.tests.format.VhdxLab.METADATA;
import static dev.platter.tests.format.VhdxLab.MIB;
import static dev.platter.tests.format.VhdxLab.OTHER_HEADER;
import static dev.platter.tests.format.VhdxLab.REGIONS;
import static dev.platter.tests.format.VhdxLab.buffer;
import static dev.platter.tests.format.VhdxLab.disk;
import static dev.platter.tests.format.VhdxLab.image;
import static dev.platter.tests.format.VhdxLab.putInHeaders;
import static dev.platter.tests.format.VhdxLab.putInRegions;
import static dev.platter.tests.format.VhdxLab.putInt;
import static dev.platter.tests.format.VhdxLab.putLong;
import static dev.platter.tests.format.VhdxLab.read;
import static dev.platter.tests.format.VhdxLab.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.ImageFormat.Probe;
import dev.platter.image.OpenContext.Purpose;
import dev.platter.io.Access;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Images that somebody made to do harm, and images of sloppy writers.
class VhdxHostileTest {
  private static final int SIZE = 4 * MIB;

  /// Where the items are in images of the tests.
  private static final long ITEMS = METADATA + 65_536;

  private final VhdxLab lab = new VhdxLab();
  private MemoryStorage file;

  @BeforeEach
  void anImage() throws IOException {
    file = lab.create("x.vhdx", SIZE);
  }

  private void refused(Class<? extends ImageException> type, String word) throws IOException {
    var refusal =
        assertThrows(
            ImageException.class, () -> image(file, Access.READ, Purpose.DATA).close(), word);
    assertInstanceOf(type, refusal);
    assertTrue(refusal.getMessage().contains(word), refusal.getMessage());
    file = lab.create("x.vhdx", SIZE);
  }

  private void corrupt(String word) throws IOException {
    refused(ImageException.Corrupt.class, word);
  }

  private static byte[] number(long value, int length) {
    byte[] bytes = new byte[length];
    System.arraycopy(buffer(8).putLong(value).array(), 0, bytes, 0, length);
    return bytes;
  }

  @Test
  void headers() throws IOException {
    putInHeaders(file, 66, number(2, 2));
    refused(ImageException.Unsupported.class, "version");
    for (long offset : new long[] {0, 512 << 10, MIB + 512, 1L << 40, -MIB}) {
      putInHeaders(file, 72, number(offset, 8));
      corrupt("logOffset");
    }
    for (long length : new long[] {0, 4096}) {
      putInHeaders(file, 68, number(length, 4));
      corrupt("logLength");
    }
    putInHeaders(file, 68, number(0xfff0_0000L, 4));
    refused(ImageException.LimitExceeded.class, "log");
    putInHeaders(file, 68, number(2 * MIB, 4));
    corrupt("overlaps the log");
    put(file, HEADER + 100, (byte) 1);
    put(file, OTHER_HEADER + 100, (byte) 1);
    assertInstanceOf(Probe.Broken.class, VhdxLab.FORMAT.probe(file));
    corrupt("neither VHDX header");
    file.resize(100);
    corrupt("neither VHDX header");
    put(file, 0, (byte) 'x');
    assertInstanceOf(Probe.NotMine.class, VhdxLab.FORMAT.probe(file));
    corrupt("signature");
  }

  @Test
  void oneHeaderIsEnoughAndTheNewerCounts() throws IOException {
    put(file, OTHER_HEADER + 100, (byte) 1);
    image(file, Access.READ, Purpose.DATA).close();
    try (Disk disk = disk(file)) {
      write(disk, 0, new byte[] {7});
    }
    put(file, HEADER + 100, (byte) 1);
    try (Disk disk = disk(file)) {
      assertArrayEquals(new byte[] {7}, read(disk, 0, 1));
    }
  }

  @Test
  void sequenceNumbersThatWouldWrapAreNotWritten() throws IOException {
    putInHeaders(file, 8, number(-1, 8));
    try (Disk disk = disk(file)) {
      var refusal =
          assertThrows(ImageException.Unsupported.class, () -> write(disk, 0, new byte[] {7}));
      assertTrue(refusal.getMessage().contains("sequence number"), refusal.getMessage());
    }
  }

  @Test
  void regions() throws IOException {
    // the BAT is the first entry, the metadata the second
    for (long offset : new long[] {0, 65_536, BAT + 4096, 1L << 50, -MIB}) {
      putInRegions(file, 16 + 16, number(offset, 8));
      corrupt("VHDX BAT");
    }
    for (long length : new long[] {0, 4096, 0xfff0_0000L}) {
      putInRegions(file, 16 + 24, number(length, 4));
      corrupt("VHDX BAT");
    }
    putInRegions(file, 16 + 16, number(METADATA, 8));
    corrupt("overlaps");
    putInRegions(file, 16 + 16, number(MIB, 8));
    corrupt("overlaps the log");
    putInRegions(file, 16 + 32, get(file, REGIONS + 16, 16));
    corrupt("2 entries for BAT");
    putInRegions(file, 16 + 32, number(5, 8));
    refused(ImageException.Unsupported.class, "is required and not known");
    putInRegions(file, 8, number(1, 4));
    corrupt("0 entries for metadata");
    putInRegions(file, 8, number(2048, 4));
    corrupt("neither VHDX region table");
  }

  @Test
  void regionsMayLackTheRequiredBitAndOneTableIsEnough() throws IOException {
    putInRegions(file, 16 + 28, number(0, 4));
    putInRegions(file, 48 + 28, number(0, 4));
    put(file, REGIONS + 9, (byte) 1);
    try (Image image = image(file, Access.READ, Purpose.DATA)) {
      assertEquals(SIZE, image.size());
    }
  }

  @Test
  void parameters() throws IOException {
    for (long size : new long[] {0, 512 << 10, 3 * MIB, 512 * MIB, 0x8000_0000L}) {
      put(file, ITEMS, number(size, 4));
      corrupt("block size");
    }
    for (long size : new long[] {-1, Long.MIN_VALUE, (64L << 40) + 512}) {
      putLong(file, ITEMS + 8, size);
      corrupt("virtual disk size");
    }
    putLong(file, ITEMS + 8, 1000);
    corrupt("whole sectors");
    // a program that counts blocks in 32 bits thinks that there are 25
    putLong(file, ITEMS + 8, ((1L << 32) + 25) << 20);
    corrupt("virtual disk size");
    putLong(file, ITEMS + 8, 64L << 40);
    corrupt("needs 67125247");
    putInt(file, ITEMS + 16, 0);
    corrupt("logical sector size 0");
    putInt(file, ITEMS + 20, 1024);
    corrupt("physical sector size 1024");
    putInt(file, ITEMS + 4, 2);
    corrupt("no parent locator");
  }

  @Test
  void metadata() throws IOException {
    put(file, METADATA, (byte) 0);
    corrupt("table");
    put(file, METADATA + 10, number(0xffff, 2));
    corrupt("table");
    putInt(file, METADATA + 32 + 16, 60_000);
    corrupt("file parameters");
    putInt(file, METADATA + 32 + 16, MIB - 4);
    corrupt("file parameters");
    putInt(file, METADATA + 32 + 20, 9);
    corrupt("overlaps");
    putInt(file, METADATA + 32 + 20, 4);
    corrupt("4 bytes instead of 8");
    put(file, METADATA + 32 + 32, get(file, METADATA + 32, 16));
    corrupt("twice");
    put(file, METADATA + 32, (byte) 0);
    refused(ImageException.Unsupported.class, "is not known");
    put(file, METADATA + 32, (byte) 0);
    put(file, METADATA + 32 + 24, (byte) 0);
    corrupt("no file parameters");
  }

  @Test
  void entriesAreCheckedWhenTheyAreUsed() throws IOException {
    long end = file.size();
    long[] entries = {6, end | 6, 65_536 | 6, Long.MIN_VALUE | 6, 4, end - MIB | 7};
    for (long entry : entries) {
      putLong(file, BAT + 8, entry);
      try (Disk disk = disk(file)) {
        assertArrayEquals(new byte[512], read(disk, 0, 512));
        var refusal = assertThrows(ImageException.Corrupt.class, () -> read(disk, MIB, 512));
        assertTrue(refusal.getMessage().contains("block 1 "), refusal.getMessage());
      }
    }
  }

  @Test
  void nothingIsWrittenWhereStructuresOverlap() throws IOException {
    file.resize(6 * MIB);
    long[] entries = {BAT | 6, METADATA | 6, MIB | 6, 0, 7L << 40 | 6};
    for (long entry : entries) {
      putLong(file, BAT, 4L * MIB | 6);
      putLong(file, BAT + 8, entry == 0 ? 4L * MIB | 6 : entry);
      byte[] before = get(file, 0, 6 * MIB);
      try (Disk disk = disk(file)) {
        assertThrows(
            ImageException.Corrupt.class, () -> write(disk, 3 * MIB, new byte[] {1, 2, 3}));
      }
      assertArrayEquals(before, get(file, 0, 6 * MIB));
    }
  }

  @Test
  void keptPlacesAndOldMarksReadAsZeros() throws IOException {
    file.resize(6 * MIB);
    put(file, 4 * MIB, new byte[] {1, 2, 3});
    long[] entries = {1, 2, 3, 5, 4L * MIB | 1, 4L * MIB | 3};
    for (long entry : entries) {
      putLong(file, BAT, entry);
      try (Disk disk = disk(file)) {
        assertArrayEquals(new byte[512], read(disk, 0, 512), "entry " + entry);
        write(disk, 1024, new byte[] {9});
        assertArrayEquals(new byte[1024], read(disk, 0, 1024));
      }
      file = lab.create("x.vhdx", SIZE);
      file.resize(6 * MIB);
      put(file, 4 * MIB, new byte[] {1, 2, 3});
    }
  }
}
