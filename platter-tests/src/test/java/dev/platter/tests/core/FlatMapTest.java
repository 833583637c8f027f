package dev.platter.tests.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.platter.image.Mapping;
import dev.platter.io.MemoryStorage;
import dev.platter.map.BlockMap;
import dev.platter.map.FlatMap;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class FlatMapTest {
  private static final long FREE = 9;
  private static final int BLOCKS = 40;
  private final MemoryStorage storage = new MemoryStorage("s");
  private final TableCache cache = new TableCache(storage, ByteOrder.LITTLE_ENDIAN, 12, 16, 1024);

  /// Entries below 8 are places of 10 bytes from 1000 on, 8 is zero, 9 is free.
  private FlatMap map(long step, long... entries) throws IOException {
    var meaning =
        new FlatMap.Entries(
            entry ->
                entry < 8 ? 1000 + 10 * entry : entry == 8 ? BlockMap.ZERO : BlockMap.UNALLOCATED,
            step,
            8);
    var map = new FlatMap(cache, 20, BLOCKS, 10, meaning);
    for (int block = 0; block < BLOCKS; block++) {
      map.set(block, block < entries.length ? entries[block] : FREE, 0);
    }
    return map;
  }

  @Test
  void neighboursInBothAreOneRun() throws IOException {
    FlatMap map = map(1, 3, 4, 5, 1, 2, 2);
    assertEquals(new Mapping.Stored(storage, 1037, 23), map.map(storage, 7, 100));
    assertEquals(new Mapping.Stored(storage, 1010, 20), map.map(storage, 30, 100));
    assertEquals(new Mapping.Stored(storage, 1020, 4), map.map(storage, 50, 4));
    assertEquals(5, map.highest(0, BLOCKS));
    assertEquals(2, map.highest(3, 3));
    assertEquals(-1, map.highest(6, 34));
  }

  @Test
  void marksAreNotPlacesEvenIfTheirNumbersFollow() throws IOException {
    FlatMap map = map(1, 6, 7, 8, 9);
    assertEquals(new Mapping.Stored(storage, 1060, 20), map.map(storage, 0, 400));
    assertEquals(new Mapping.Zero(10), map.map(storage, 20, 380));
    assertEquals(new Mapping.Unallocated(370), map.map(storage, 30, 370));
  }

  @Test
  void blocksThatNeverTouchAreRunsOfOne() throws IOException {
    assertEquals(1, map(0, 3, 4).run(0, BLOCKS));
    assertEquals(1, map(0, 3, 3).run(0, BLOCKS));
  }

  @Test
  void aWalkEntryByEntryFindsTheSameRuns() throws IOException {
    FlatMap map = map(1, 1, 2, 3, 8, 8, 9, 5, 7, 6, 7, 8);
    var slow =
        new BlockMap() {
          @Override
          public long blocks() {
            return map.blocks();
          }

          @Override
          public long blockSize() {
            return map.blockSize();
          }

          @Override
          public long get(long block) throws IOException {
            return map.get(block);
          }
        };
    for (int block = 0; block < BLOCKS; block++) {
      assertEquals(slow.run(block, BLOCKS - block), map.run(block, BLOCKS - block), "" + block);
    }
  }
}
