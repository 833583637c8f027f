package dev.platter.tests.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.io.MemoryStorage;
import dev.platter.map.TableCache;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TableCacheTest {
  private static final int PAGE = 64;
  private final MemoryStorage storage = new MemoryStorage("s");
  private final TableCache cache =
      new TableCache(storage, ByteOrder.BIG_ENDIAN, 16, PAGE, 4 * PAGE);

  @Test
  void readsEntriesAndZerosBehindTheEnd() throws IOException {
    storage.write(
        16, java.lang.foreign.MemorySegment.ofArray(new byte[] {0, 0, 0, 0, 0, 0, 1, 2, 3}));
    assertEquals(0x102, cache.getLong(16));
    assertEquals(0x3000000, cache.getInt(24));
    assertEquals(3, cache.getByte(24));
    assertEquals(0, cache.getLong(1 << 20));
  }

  @Test
  void changesStayInMemoryUntilTheirStageIsWritten() throws IOException {
    cache.setLong(16, -2, 0);
    cache.setInt(16 + PAGE, 7, 1);
    assertTrue(cache.isDirty(0) && cache.isDirty(1));
    assertEquals(0, storage.size());
    cache.writeBack(1);
    assertEquals(16 + PAGE + 4, storage.size());
    assertEquals(0, storage.toArray()[23]);
    cache.writeBack(0);
    assertEquals(-2, storage.toArray()[23]);
    assertFalse(cache.isDirty(0) || cache.isDirty(1));
  }

  @Test
  void onlyWhatWasChangedIsWritten() throws IOException {
    cache.getLong(16);
    storage.write(16, java.lang.foreign.MemorySegment.ofArray(new byte[] {5}));
    cache.setLong(32, 1, 0);
    cache.writeBack(0);
    assertEquals(5, storage.toArray()[16]);
  }

  @Test
  void dirtyPagesAreNeverDropped() throws IOException {
    for (int page = 0; page < 20; page++) {
      cache.setLong(16 + page * PAGE, page + 1, 0);
    }
    assertTrue(cache.crowded());
    for (int page = 0; page < 20; page++) {
      assertEquals(page + 1, cache.getLong(16 + page * PAGE));
    }
    cache.writeBack(0);
    assertFalse(cache.crowded());
    for (int page = 0; page < 20; page++) {
      assertEquals(page + 1, cache.getLong(16 + page * PAGE));
    }
  }

  @Test
  void clearedPagesAreNotReadAndForgottenOnesNotWritten() throws IOException {
    byte[] old = new byte[400];
    java.util.Arrays.fill(old, (byte) 9);
    storage.write(0, java.lang.foreign.MemorySegment.ofArray(old));
    cache.clear(16, 2 * PAGE, 0);
    assertEquals(0, cache.getLong(16 + PAGE));
    cache.forget(16 + PAGE, PAGE);
    assertEquals(0x0909090909090909L, cache.getLong(16 + PAGE));
    cache.writeBack(0);
    assertEquals(0, storage.toArray()[16]);
    assertEquals(9, storage.toArray()[16 + PAGE]);
  }

  @Test
  void manyThreadsReadTheSame() throws IOException {
    byte[] bytes = new byte[16 + 1000 * 8];
    for (int i = 0; i < 1000; i++) {
      bytes[16 + 8 * i + 7] = (byte) i;
    }
    storage.write(0, java.lang.foreign.MemorySegment.ofArray(bytes));
    long wrong =
        IntStream.range(0, 20_000)
            .parallel()
            .filter(i -> get(16 + 8L * (i * 7 % 1000)) != (i * 7 % 1000 & 0xff))
            .count();
    assertEquals(0, wrong);
  }

  private long get(long position) {
    try {
      return cache.getLong(position);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void runsOfLongsAreCountedOverPages() throws IOException {
    for (int i = 0; i < 20; i++) {
      cache.setLong(16 + 8 * i, 1000 + 3L * i, 0);
    }
    assertEquals(20, cache.countLongs(16, 50, 1000, 3));
    assertEquals(7, cache.countLongs(16, 7, 1000, 3));
    assertEquals(1, cache.countLongs(16, 50, 1000, 0));
    assertEquals(30, cache.countLongs(16 + 8 * 20, 30, 0, 0));
  }
}
