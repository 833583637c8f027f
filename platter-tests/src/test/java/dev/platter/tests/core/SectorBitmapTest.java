package dev.platter.tests.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.platter.io.MemoryStorage;
import dev.platter.map.SectorBitmap;
import dev.platter.map.SectorBitmap.Order;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SectorBitmapTest {
  private static final int SECTORS = 4096;
  private static final long AT = 1024;

  private final MemoryStorage storage = new MemoryStorage("bits");

  private TableCache cache(Order order) {
    return new TableCache(
        storage,
        order == Order.HIGH_FIRST ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
        0,
        512,
        1 << 20);
  }

  @ParameterizedTest
  @EnumSource
  void doesWhatABitSetDoes(Order order) throws IOException {
    var bitmap = new SectorBitmap(cache(order), order);
    var model = new BitSet();
    var dice = new SplittableRandom(4);
    for (int turn = 0; turn < 500; turn++) {
      int from = dice.nextInt(SECTORS);
      int count = dice.nextInt(Math.min(SECTORS - from, dice.nextInt(1, 300)) + 1);
      boolean set = dice.nextBoolean();
      bitmap.fill(AT, from, count, set, 0);
      model.set(from, from + count, set);
      int at = dice.nextInt(SECTORS);
      int limit = dice.nextInt(1, SECTORS - at + 1);
      assertEquals(model.get(at), bitmap.get(AT, at));
      int end = model.get(at) ? model.nextClearBit(at) : model.nextSetBit(at);
      int run = end < 0 ? limit : Math.min(end - at, limit);
      assertEquals(run, bitmap.run(AT, at, limit), "from " + at);
      assertEquals(model.get(0, limit).cardinality(), bitmap.count(AT, limit));
    }
  }

  @Test
  void theFirstSectorIsTheHighestBitOrTheLowest() throws IOException {
    storage.write(AT, MemorySegment.ofArray(new byte[] {0x40, 0, 0, 0, 0, 0, 0, 0}));
    assertEquals(1, new SectorBitmap(cache(Order.HIGH_FIRST), Order.HIGH_FIRST).run(AT, 0, 64));
    assertEquals(6, new SectorBitmap(cache(Order.LOW_FIRST), Order.LOW_FIRST).run(AT, 0, 64));
  }
}
