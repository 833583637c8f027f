package dev.platter.tests.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.image.Allocation;
import dev.platter.image.Mapping;
import dev.platter.io.MemoryStorage;
import dev.platter.map.BlockMap;
import dev.platter.map.TableCache;
import dev.platter.map.TwoLevelLayout;
import dev.platter.map.TwoLevelMap;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Maps of two levels, and the layout that makes them, on blocks of 16 bytes and tables of four.
class TwoLevelMapTest {
  private static final int BLOCK = 16;
  private static final int ENTRIES = 4;
  private static final int TABLES = 64;
  private static final long SECOND = 1024;
  private static final long DATA = 8192;

  /// 1 is a block of zeros.
  private static final class Plain implements TwoLevelMap.Entries {
    @Override
    public long table(long index, long entry) {
      return entry;
    }

    @Override
    public long place(long block, long entry) {
      return entry == 1 ? BlockMap.ZERO : entry;
    }
  }

  private static TwoLevelMap map(Allocation blocks, long room) throws IOException {
    var storage = new MemoryStorage("map");
    var layout =
        new TwoLevelLayout(
            blocks, new TwoLevelLayout.Style(BLOCK, ENTRIES, room, 1, ByteOrder.LITTLE_ENDIAN));
    var first = MemorySegment.ofArray(new byte[TABLES * 8]);
    layout.fillFirst(0, first, SECOND);
    storage.write(0, first);
    var second = MemorySegment.ofArray(new byte[(int) layout.secondBytes()]);
    layout.fillSecond(0, second, rank -> DATA + rank * BLOCK);
    storage.write(SECOND, second);
    var cache = new TableCache(storage, ByteOrder.LITTLE_ENDIAN, 0, 32, 1 << 20);
    return new TwoLevelMap(cache, new TwoLevelMap.Shape(0, TABLES, ENTRIES, BLOCK), new Plain());
  }

  private static Allocation random(SplittableRandom dice) {
    var runs = new Allocation.Builder();
    long blocks = TABLES * ENTRIES;
    for (long at = dice.nextInt(20); at < blocks; ) {
      long length = Math.min(1 + dice.nextInt(10), blocks - at);
      if (dice.nextInt(3) == 0) {
        runs.zero(at * BLOCK, length * BLOCK);
      } else {
        runs.data(at * BLOCK, length * BLOCK);
      }
      at += length + (dice.nextBoolean() ? dice.nextInt(30) : 0);
    }
    return runs.build(blocks * BLOCK);
  }

  private static long expected(Allocation blocks, long block) {
    int run = blocks.runAfter(block * BLOCK);
    if (run == blocks.count() || blocks.start(run) > block * BLOCK) {
      return BlockMap.UNALLOCATED;
    }
    return blocks.isZero(run)
        ? BlockMap.ZERO
        : DATA + blocks.dataBefore(run) + block * BLOCK - blocks.start(run);
  }

  @Test
  void everyBlockIsWhereItWasLaidOut() throws IOException {
    for (int seed = 0; seed < 100; seed++) {
      Allocation blocks = random(new SplittableRandom(seed));
      TwoLevelMap map = map(blocks, seed % 2 == 0 ? 32 : 64);
      assertEquals(TABLES * ENTRIES, map.blocks());
      for (long block = 0; block < map.blocks(); block++) {
        assertEquals(expected(blocks, block), map.get(block), "seed " + seed);
      }
    }
  }

  @Test
  void runsAreAsLongAsTheyCanBe() throws IOException {
    for (int seed = 0; seed < 50; seed++) {
      Allocation blocks = random(new SplittableRandom(seed));
      TwoLevelMap map = map(blocks, 32);
      var dice = new SplittableRandom(seed);
      for (long block = 0; block < map.blocks(); block++) {
        long limit = 1 + dice.nextLong(map.blocks() - block);
        long step = map.get(block) < 0 ? 0 : BLOCK;
        long count = 1;
        while (count < limit && map.get(block + count) == map.get(block) + count * step) {
          count++;
        }
        assertEquals(count, map.run(block, limit), "seed " + seed + ", block " + block);
      }
    }
  }

  @Test
  void aWalkShowsEveryEntryOnce() throws IOException {
    for (int seed = 0; seed < 50; seed++) {
      TwoLevelMap map = map(random(new SplittableRandom(seed)), 32);
      List<Long> shown = new ArrayList<>();
      map.walk(
          new TwoLevelMap.Visitor() {
            @Override
            public boolean table(long index, long entry) throws IOException {
              assertEquals(map.tableEntry(index), entry);
              return true;
            }

            @Override
            public void blocks(long block, long count, long entry) throws IOException {
              assertEquals(map.entry(block), entry);
              for (long at = 0; at < count; at++) {
                shown.add(block + at);
              }
            }
          });
      List<Long> there = new ArrayList<>();
      for (long block = 0; block < map.blocks(); block++) {
        if (map.entry(block) != 0) {
          there.add(block);
        }
      }
      assertEquals(there, shown, "seed " + seed);
    }
  }

  @Test
  void changesAreSeen() throws IOException {
    TwoLevelMap map = map(Allocation.empty(TABLES * ENTRIES * BLOCK), 32);
    assertFalse(map.hasTable(9));
    assertEquals(0, map.position(9));
    map.setTable(2, SECOND, 1);
    assertTrue(map.hasTable(9));
    map.set(9, DATA, 0);
    assertEquals(SECOND + 8, map.position(9));
    assertEquals(DATA, map.get(9));
    assertEquals(12, map.nextTable(9));
    var storage = new MemoryStorage("data");
    assertEquals(new Mapping.Stored(storage, DATA + 3, 13), map.map(storage, 9 * BLOCK + 3, 100));
    assertEquals(new Mapping.Unallocated(9 * BLOCK), map.map(storage, 0, 1000));
  }
}
