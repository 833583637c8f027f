package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.Disk;
import dev.platter.Extent;
import dev.platter.image.Dumpable;
import dev.platter.image.ImageException;
import dev.platter.image.Mapping;
import dev.platter.io.Access;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tables: their runs, their limits, and what is made of wrong entries.
class Qcow2MapTest {
  private static final int CLUSTER = 65536;
  @TempDir Path folder;
  private Qcow2Lab lab;

  @BeforeEach
  void start() {
    lab = new Qcow2Lab(folder);
  }

  private long l1(Path image) throws IOException {
    return lab.word(image, 40);
  }

  private long l2(Path image, int index) throws IOException {
    return lab.word(image, l1(image) + 8L * index) & 0x00ff_ffff_ffff_fe00L;
  }

  private void setWord(Path image, long position, long value) throws IOException {
    lab.patch(image, position, ByteBuffer.allocate(8).putLong(value).array());
  }

  @Test
  void neighboursAreOneRun() throws IOException {
    Path image = lab.create("a.qcow2", "cluster_size=4k", 16L << 20);
    lab.io(image, List.of("write -P 1 0 4M", "write -z 4M 6M"));
    try (Disk disk = lab.open(image, Access.READ)) {
      var step = new ArrayList<Long>();
      for (long at = 0; at < disk.size(); ) {
        Extent extent = disk.extent(at, disk.size() - at);
        step.add(extent.length());
        at = extent.end();
      }
      // a table of 512 entries maps 2 MiB; QEMU puts the second one between the runs of data
      assertEquals(List.of(2L << 20, 2L << 20, 6L << 20, 6L << 20), step);
    }
  }

  @Test
  void anEmptyHugeDiskIsOneRun() throws IOException {
    Path image = lab.create("a.qcow2", "cluster_size=2M", 1L << 50);
    try (Disk disk = lab.open(image, Access.READ)) {
      assertEquals(1L << 50, disk.extent(0, 1L << 50).length());
    }
    try (Disk disk = lab.open(image, Access.WRITE)) {
      disk.write((1L << 50) - 1, MemorySegment.ofArray(new byte[] {5}));
      disk.discard(0, (1L << 50) - (4 << 20));
    }
    lab.check(image);
  }

  @Test
  void aFileMayEndInItsLastCluster() throws IOException {
    Path image = lab.create("a.qcow2", "", 1 << 20);
    lab.io(image, List.of("write -P 9 64k 64k"));
    byte[] content = lab.content(image);
    long place = lab.word(image, l2(image, 0) + 8) & 0x00ff_ffff_ffff_fe00L;
    assertEquals(place + CLUSTER, Files.size(image), "it is the last cluster");
    try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
      file.truncate(place + 1536);
    }
    java.util.Arrays.fill(content, CLUSTER + 1536, 2 * CLUSTER, (byte) 0);
    assertArrayEquals(content, lab.read(image));
    try (Disk disk = lab.open(image, Access.WRITE)) {
      disk.write(CLUSTER + 5000, MemorySegment.ofArray(new byte[] {3}));
    }
    content[CLUSTER + 5000] = 3;
    assertArrayEquals(content, lab.content(image));
    lab.check(image);
  }

  @Test
  void aWrongPlaceIsNamed() throws IOException {
    Path image = lab.create("a.qcow2", "", 1 << 20);
    lab.io(image, List.of("write -P 9 0 64k"));
    long entry = l2(image, 0);
    for (long wrong : new long[] {1L << 63 | 0x12345600L, 1L << 63 | 1L << 50, 1L << 62 | 512}) {
      setWord(image, entry, wrong);
      var refused = assertThrows(ImageException.Corrupt.class, () -> lab.read(image));
      assertTrue(
          refused.getMessage().contains("L2 entry 0 of L1 entry 0 at 0x"), refused.getMessage());
    }
    setWord(image, l1(image), 1L << 63 | 0x777600L);
    var refused = assertThrows(ImageException.Corrupt.class, () -> lab.read(image));
    assertTrue(refused.getMessage().contains("L1 entry 0 at 0x"), refused.getMessage());
  }

  @Test
  void damageThatShowsWhileWritingMarksTheImage() throws IOException {
    Path image = lab.create("a.qcow2", "", 1 << 20);
    long blockEntry = lab.word(image, 48);
    setWord(image, blockEntry, 0x777);
    try (Disk disk = lab.open(image, Access.WRITE)) {
      var bytes = MemorySegment.ofArray(new byte[] {1});
      assertThrows(ImageException.Corrupt.class, () -> disk.write(0, bytes));
      assertThrows(IOException.class, () -> disk.write(0, bytes));
    }
    assertEquals(2, lab.word(image, 72));
  }

  @Test
  void countsThatCallTheHeaderFreeAreNotBelieved() throws IOException {
    Path image = lab.create("a.qcow2", "", 1 << 20);
    long block = lab.word(image, lab.word(image, 48));
    lab.patch(image, block, new byte[64]);
    try (Disk disk = lab.open(image, Access.WRITE)) {
      var refused =
          assertThrows(
              ImageException.Corrupt.class,
              () -> disk.write(0, MemorySegment.ofArray(new byte[] {1})));
      assertTrue(refused.getMessage().contains("refcount"), refused.getMessage());
    }
  }

  @Test
  void aShortL1TableIsReadAndMadeLonger() throws IOException {
    Path image = lab.create("a.qcow2", "cluster_size=4k", 16L << 20);
    lab.io(image, List.of("write -P 4 0 64k"));
    lab.patch(image, 36, ByteBuffer.allocate(4).putInt(1).array());
    byte[] content = lab.read(image);
    assertEquals(4, content[65535]);
    try (Disk disk = lab.open(image, Access.WRITE)) {
      disk.write(9 << 20, MemorySegment.ofArray(new byte[] {6}));
    }
    content[9 << 20] = 6;
    lab.check(image);
    assertArrayEquals(content, lab.content(image));
  }

  @Test
  void sharedClustersAreMappedSo() throws IOException {
    Path image = lab.create("a.qcow2", "", 1 << 20);
    lab.io(image, List.of("write -P 4 0 64k"));
    lab.img("snapshot", "-c", "s", image);
    try (Disk disk = lab.open(image, Access.WRITE)) {
      assertTrue(disk.top().map(0, 10) instanceof Mapping.Shared);
      disk.write(0, MemorySegment.ofArray(new byte[] {1}));
      assertTrue(disk.top().map(0, 10) instanceof Mapping.Stored);
    }
    lab.check(image);
    assertEquals(4, lab.content(image, "-l", "s")[0]);
  }

  @Test
  void hostileCompressedClustersAreRefused() throws IOException {
    for (String codec : List.of("zlib", "zstd")) {
      Path image = lab.create("a.qcow2", "compression_type=" + codec, 1 << 20);
      lab.io(image, List.of("write -c -P 4 0 64k"));
      long position = lab.word(image, l2(image, 0)) & (1L << 54) - 1;
      byte[] content = lab.content(image);
      assertArrayEquals(content, lab.read(image));
      for (int at = 0; at < 20; at++) {
        byte[] bytes = Files.readAllBytes(image);
        bytes[(int) position + at] ^= 0x55;
        Path damaged = lab.path("b.qcow2");
        Files.write(damaged, bytes);
        try {
          assertEquals(content.length, lab.read(damaged).length);
        } catch (ImageException.Corrupt e) {
          assertTrue(e.getMessage().contains("compressed cluster at 0x"), e.getMessage());
        }
      }
    }
  }

  @Test
  void everyStructureIsShown() throws IOException {
    Path image = lab.create("a.qcow2", "extended_l2=on", 1 << 20);
    lab.io(image, List.of("write -P 4 0 64k", "write -c 64k 64k"));
    lab.img("snapshot", "-c", "s", image);
    lab.img("bitmap", "--add", image, "b");
    var names = new ArrayList<String>();
    try (Disk disk = lab.open(image, Access.READ)) {
      Deque<String> open = new ArrayDeque<>();
      ((Dumpable) disk.top())
          .dump(
              new Dumpable.Dump() {
                @Override
                public void begin(String name, long position, long length) {
                  open.push(name);
                  names.add(name);
                }

                @Override
                public void field(
                    String name, long position, int length, Object value, String note) {
                  assertTrue(value instanceof Long || value instanceof String, name);
                }

                @Override
                public void end() {
                  open.pop();
                }
              });
      assertTrue(open.isEmpty());
    }
    assertTrue(
        names.containsAll(
            List.of(
                "header",
                "header extension: feature name table",
                "header extension: bitmaps",
                "refcount table",
                "refcount block 0",
                "L1 table",
                "L2 table of L1 entry 0",
                "snapshot",
                "bitmap directory entry")),
        names::toString);
  }
}
