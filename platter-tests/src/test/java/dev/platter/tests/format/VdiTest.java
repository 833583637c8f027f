package dev.platter.tests.format;

import static dev.platter.tests.format.VdiImages.MAP;
import static dev.platter.tests.format.VdiImages.SMALL;
import static dev.platter.tests.format.VdiImages.create;
import static dev.platter.tests.format.VdiImages.createChild;
import static dev.platter.tests.format.VdiImages.disk;
import static dev.platter.tests.format.VdiImages.filled;
import static dev.platter.tests.format.VdiImages.getInt;
import static dev.platter.tests.format.VdiImages.open;
import static dev.platter.tests.format.VdiImages.random;
import static dev.platter.tests.format.VdiImages.read;
import static dev.platter.tests.format.VdiImages.setInt;
import static dev.platter.tests.format.VdiImages.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.BlockDevice;
import dev.platter.Disk;
import dev.platter.image.Discarding;
import dev.platter.image.Identified;
import dev.platter.image.Image;
import dev.platter.image.ImageException;
import dev.platter.image.Mapping;
import dev.platter.image.ParentLink;
import dev.platter.image.Reservation;
import dev.platter.io.MemoryStorage;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VdiTest {
  private static final long FREE = 0xffff_ffffL;
  private static final long ZERO = 0xffff_fffeL;
  private static final int COUNT = 388;

  private final MemoryStorage storage = new MemoryStorage("x.vdi");

  @ParameterizedTest
  @CsvSource({
    "512, 512, dynamic",
    "1048576, 3146240, dynamic",
    "512, 66048, dynamic",
    "4096, 512, dynamic",
    "2097152, 3146240, fixed",
    "512, 512, fixed",
    "4096, 66048, fixed"
  })
  void whatIsWrittenIsReadAgain(String blockSize, int size, String variant) throws IOException {
    create(storage, size, Map.of("block_size", blockSize, "variant", variant));
    byte[] content = random(size, 1);
    try (Disk disk = disk(storage)) {
      assertArrayEquals(new byte[size], read(disk));
      write(disk, size / 3, java.util.Arrays.copyOfRange(content, size / 3, size));
      write(disk, 0, java.util.Arrays.copyOf(content, size / 3));
      assertArrayEquals(content, read(disk));
    }
    try (Disk disk = disk(storage)) {
      assertArrayEquals(content, read(disk));
    }
  }

  @Test
  void blocksAreTakenInTheOrderInWhichTheyAreWritten() throws IOException {
    create(storage, 4 * 512, SMALL);
    try (Disk disk = disk(storage)) {
      write(disk, 3 * 512, filled(512, 3));
      write(disk, 512, filled(512, 1));
      assertEquals(FREE, getInt(storage, MAP + 12), "the map is written by a flush");
      disk.flush();
    }
    assertEquals(FREE, getInt(storage, MAP));
    assertEquals(1, getInt(storage, MAP + 4));
    assertEquals(0, getInt(storage, MAP + 12));
    assertEquals(2, getInt(storage, COUNT));
    assertEquals(1024 + 2 * 512, storage.size());
  }

  @Test
  void neighboursAreOneRun() throws IOException {
    create(storage, 8 * 512, SMALL);
    try (Disk disk = disk(storage)) {
      write(disk, 512, filled(3 * 512, 7));
      assertEquals(new Mapping.Unallocated(412), disk.top().map(100, 5000));
      assertEquals(new Mapping.Stored(storage, 1034, 3 * 512 - 10), disk.top().map(522, 5000));
      assertEquals(new Mapping.Unallocated(4 * 512), disk.top().map(4 * 512, 5000));
    }
  }

  @Test
  void aStaleCountDoesNotGiveOnePlaceToTwoBlocks() throws IOException {
    create(storage, 4 * 512, SMALL);
    try (Disk disk = disk(storage)) {
      write(disk, 0, filled(1024, 1));
    }
    setInt(storage, COUNT, 0);
    try (Disk disk = disk(storage)) {
      write(disk, 1024, filled(512, 2));
      assertArrayEquals(filled(1024, 1), read(disk, 0, 1024));
    }
    assertEquals(2, getInt(storage, MAP + 8));
    assertEquals(3, getInt(storage, COUNT));
  }

  @Test
  void nothingIsAllocatedBelowAPlaceThatIsBehindTheFile() throws IOException {
    create(storage, 4 * 512, SMALL);
    setInt(storage, MAP, 5);
    try (Disk disk = disk(storage)) {
      write(disk, 512, filled(512, 2));
    }
    assertEquals(6, getInt(storage, MAP + 4));
  }

  @Test
  void whatACrashLeftBehindTheLastPlaceIsUsedAgainAndOverwritten() throws IOException {
    create(storage, 4 * 512, SMALL);
    storage.write(1024, java.lang.foreign.MemorySegment.ofArray(filled(512, 0xee)));
    try (Disk disk = disk(storage)) {
      write(disk, 10, filled(1, 2));
    }
    try (Disk disk = disk(storage)) {
      byte[] expected = new byte[512];
      expected[10] = 2;
      assertArrayEquals(expected, read(disk, 0, 512));
    }
    assertEquals(0, getInt(storage, MAP));
    assertEquals(1536, storage.size());
  }

  @Test
  void freshRoomIsZeroAndACancelledOneIsNot() throws IOException {
    create(storage, 4 * 512, SMALL);
    try (Image image = open(storage)) {
      Reservation room = image.reserve(0, 1024);
      assertTrue(room.zeroed());
      assertEquals(2048, storage.size());
      room.cancel();
      room = image.reserve(512, 1);
      assertEquals(1024, room.position());
      assertEquals(512, room.offset());
      assertEquals(false, room.zeroed());
      room.cancel();
    }
  }

  @Test
  void theLastPlacesAreGivenBackAndTheFileIsCut() throws IOException {
    create(storage, 4 * 512, SMALL);
    var log = new FlushLog(storage);
    try (Disk disk = disk(log)) {
      write(disk, 1024, filled(1024, 1));
      write(disk, 0, filled(1024, 2));
      disk.flush();
      log.clear();
      disk.zero(0, 1536, BlockDevice.Room.RELEASE);
      assertInstanceOf(Mapping.Unallocated.class, disk.top().map(0, 1024));
      write(disk, 0, filled(512, 3));
      disk.flush();
      assertEquals(
          "[punch 1024+512, write 512+8, flush, resize 2048, write 388+4, "
              + "resize 2560, write 2048+512, write 388+4, flush, write 512+4, flush]",
          log.toString());
    }
    assertEquals(2, getInt(storage, MAP));
    assertEquals(FREE, getInt(storage, MAP + 4));
    assertEquals(3, getInt(storage, COUNT));
    try (Disk disk = disk(storage)) {
      assertArrayEquals(filled(512, 3), read(disk, 0, 512));
      assertArrayEquals(new byte[1024], read(disk, 512, 1024));
      assertArrayEquals(filled(512, 1), read(disk, 1536, 512));
    }
  }

  @Test
  void zerosOfABlockThatReadsAsZerosAreNotWorthAnEntry() throws IOException {
    create(storage, 4 * 512, SMALL);
    try (Disk disk = disk(storage)) {
      disk.zero(0, 1024, BlockDevice.Room.RELEASE);
      write(disk, 1024, new byte[512]);
    }
    for (int block = 0; block < 4; block++) {
      assertEquals(FREE, getInt(storage, MAP + 4 * block));
    }
    assertEquals(1024, storage.size());
  }

  @Test
  void aDiscardedDiskTakesNoRoom() throws IOException {
    create(storage, 4 * 512, SMALL);
    try (Disk disk = disk(storage)) {
      write(disk, 0, filled(2048, 1));
      disk.flush();
      disk.discard(1024, 1024);
      disk.discard(0, 1024);
    }
    assertEquals(1024, storage.size());
    assertEquals(0, getInt(storage, COUNT));
    assertEquals(FREE, getInt(storage, MAP));
  }

  @Test
  void zerosOfAStoredBlockKeepItsPlaceSoThatPlacesHaveNoGap() throws IOException {
    create(storage, 4 * 512, SMALL);
    try (Disk disk = disk(storage)) {
      write(disk, 0, filled(4 * 512, 1));
      disk.zero(512, 512, BlockDevice.Room.RELEASE);
      disk.discard(1024, 512);
      disk.zero(3 * 512, 512, BlockDevice.Room.KEEP);
      assertArrayEquals(filled(512, 1), read(disk, 0, 512));
      assertArrayEquals(new byte[3 * 512], read(disk, 512, 3 * 512));
      assertTrue(disk.top().sparse());
    }
    for (int block = 0; block < 4; block++) {
      assertEquals(block, getInt(storage, MAP + 4 * block));
    }
    assertEquals(4, getInt(storage, COUNT));
  }

  @Test
  void zerosHideTheParentAlsoAfterReopening() throws IOException {
    MemoryStorage parent = create(new MemoryStorage("parent.vdi"), 4 * 512, SMALL);
    try (Disk disk = disk(parent)) {
      write(disk, 0, filled(4 * 512, 1));
      createChild(storage, disk.top());
    }
    try (Disk disk = disk(storage, parent)) {
      disk.zero(512, 1024, BlockDevice.Room.RELEASE);
      assertInstanceOf(Mapping.Zero.class, disk.top().map(512, 1024));
    }
    assertEquals(ZERO, getInt(storage, MAP + 4));
    assertEquals(0, getInt(storage, COUNT));
    try (Disk disk = disk(storage, parent)) {
      assertArrayEquals(filled(512, 1), read(disk, 0, 512));
      assertArrayEquals(new byte[1024], read(disk, 512, 1024));
      assertArrayEquals(filled(512, 1), read(disk, 3 * 512, 512));
    }
  }

  @Test
  void aDiscardedPlaceOfAChildIsUsedAgainOnlyAfterAFlush() throws IOException {
    MemoryStorage parent = create(new MemoryStorage("parent.vdi"), 8 * 512, SMALL);
    try (Image image = open(parent)) {
      createChild(storage, image);
    }
    try (Disk disk = disk(storage, parent)) {
      write(disk, 0, filled(1024, 1));
      disk.flush();
      assertInstanceOf(Discarding.class, disk.top());
      ((Discarding) disk.top()).discard(0, 512);
      write(disk, 1024, filled(512, 2));
      disk.flush();
      assertEquals(2, getInt(storage, MAP + 8), "the old place may still be named on disk");
      write(disk, 1536, filled(512, 3));
      disk.flush();
      assertEquals(0, getInt(storage, MAP + 12));
      assertArrayEquals(filled(512, 3), read(disk, 1536, 512));
      assertArrayEquals(new byte[512], read(disk, 0, 512));
    }
    assertEquals(3, getInt(storage, COUNT));
  }

  @Test
  void gapsBehindTheLastPlaceAreForgotten() throws IOException {
    MemoryStorage parent = create(new MemoryStorage("parent.vdi"), 8 * 512, SMALL);
    try (Image image = open(parent)) {
      createChild(storage, image);
    }
    try (Disk disk = disk(storage, parent)) {
      write(disk, 0, filled(8 * 512, 1));
    }
    try (Disk disk = disk(storage, parent)) {
      ((Discarding) disk.top()).discard(512, 1024);
      write(disk, 1024, filled(512, 2));
      disk.flush();
      assertEquals(8, getInt(storage, MAP + 8), "the old place may still be named on disk");
      ((Discarding) disk.top()).discard(5 * 512, 512);
      disk.flush();
      disk.zero(1024, 6 * 512, BlockDevice.Room.RELEASE);
      disk.flush();
      ((Discarding) disk.top()).discard(3 * 512, 5 * 512);
      disk.flush();
      assertEquals(1, getInt(storage, COUNT), "only block 0 has a place");
      write(disk, 512, filled(7 * 512, 3));
    }
    for (int block = 0; block < 8; block++) {
      assertEquals(block, getInt(storage, MAP + 4 * block));
    }
    assertEquals(1024 + 8 * 512, storage.size());
  }

  @Test
  void aChildNamesItsParentByUuids() throws IOException {
    MemoryStorage parent = create(new MemoryStorage("parent.vdi"), 4 * 512, SMALL);
    try (Image below = open(parent)) {
      createChild(storage, below);
      try (Image child = open(storage)) {
        assertEquals(
            Optional.of(
                ParentLink.identified(
                    ((Identified) below).identity(), ((Identified) below).modification(), "vdi")),
            child.parent());
      }
      assertEquals(Optional.empty(), below.parent());
    }
  }

  @Test
  void theModificationIdentityChangesBeforeTheFirstWriteAndIsDurable() throws IOException {
    var log = new FlushLog(create(storage, 4 * 512, SMALL));
    try (Disk disk = disk(log)) {
      var image = (Identified) disk.top();
      Optional<java.util.UUID> before = image.modification();
      write(disk, 0, filled(512, 1));
      assertEquals("write 408+16, flush", log.firstTwo());
      assertNotEquals(before, image.modification());
      try (Image again = open(storage)) {
        assertEquals(image.modification(), ((Identified) again).modification());
        assertEquals(image.identity(), ((Identified) again).identity());
      }
    }
  }

  @Test
  void anEntryIsWrittenBehindABarrierAfterDataAndCount() throws IOException {
    var log = new FlushLog(create(storage, 4 * 512, SMALL));
    try (Disk disk = disk(log)) {
      write(disk, 100, filled(10, 1));
      log.clear();
      write(disk, 1024, filled(512, 1));
      disk.flush();
      assertEquals(
          "[resize 2048, write 1536+512, write 388+4, flush, write 512+12, flush]", log.toString());
      log.clear();
      write(disk, 1024, filled(512, 2));
      disk.flush();
      assertEquals("[write 1536+512, flush]", log.toString());
    }
  }

  @Test
  void aPlaceBehindTheFileIsCorrupt() throws IOException {
    create(storage, 4 * 512, SMALL);
    setInt(storage, MAP + 4, 9);
    try (Disk disk = disk(storage)) {
      assertArrayEquals(new byte[512], read(disk, 0, 512));
      var e = assertThrows(ImageException.Corrupt.class, () -> read(disk, 600, 10));
      assertEquals(
          "x.vdi: VDI block 1 has entry 9 at 516, which is position 5720 of a file of 1024",
          e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {384, 400})
  void aShorterHeaderHasNoLogicalGeometry(long headerSize) throws IOException {
    create(
        storage,
        1 << 20,
        Map.of("physical_geometry", "100/16/63", "logical_geometry", "10/255/63"));
    setInt(storage, 72, headerSize);
    setInt(storage, 68, headerSize == 384 ? 0x1_0000 : 0x1_0001);
    try (Image image = open(storage)) {
      var geometry = (dev.platter.image.HasGeometry) image;
      assertEquals(100, geometry.physical().orElseThrow().cylinders());
      assertEquals(headerSize == 400, geometry.logical().isPresent());
    }
  }

  @Test
  void anEightTebibyteDiskIsOneRun() throws IOException {
    long size = 8L << 40;
    create(storage, size, Map.of());
    try (Disk disk = disk(storage)) {
      assertEquals(new Mapping.Unallocated(size), disk.top().map(0, size));
      write(disk, size - 3, filled(3, 1));
      assertEquals(new Mapping.Unallocated(size - (1 << 20)), disk.top().map(0, size));
      assertArrayEquals(filled(3, 1), read(disk, size - 3, 3));
    }
    assertEquals(0, getInt(storage, (1 << 20) + 4 * ((8 << 20) - 1L)));
  }
}
