package dev.platter.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.io.Storage;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// What every storage owes an image. The test of a kind of storage implements it and inherits every
/// case.
public interface StorageContract {
  /// Larger than what any storage moves at once.
  int LARGE = (1 << 20) + 4097;

  /// A new writable storage, all zeros.
  Storage storage(long size) throws IOException;

  /// Whether a storage of this kind can get another size.
  default boolean resizable() {
    return true;
  }

  /// Bytes that show where they belong.
  static byte[] pattern(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /// The bytes of a part of a storage.
  static byte[] bytes(Storage storage, long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    storage.read(position, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static void write(Storage storage, long position, byte[] bytes) throws IOException {
    storage.write(position, MemorySegment.ofArray(bytes));
  }

  /// A new storage reads as zeros.
  @Test
  default void aNewStorageIsZero() throws IOException {
    try (Storage storage = storage(100_000)) {
      assertEquals(100_000, storage.size());
      assertTrue(storage.writable());
      assertArrayEquals(new byte[100_000], bytes(storage, 0, 100_000));
    }
  }

  /// Bytes come back from the heap and from native memory, at any position.
  @Test
  default void whatIsWrittenIsRead() throws IOException {
    byte[] bytes = pattern(LARGE, 1);
    try (Storage storage = storage(3L * LARGE);
        Arena arena = Arena.ofConfined()) {
      write(storage, 513, bytes);
      MemorySegment memory = arena.allocate(LARGE);
      storage.read(513, memory);
      assertEquals(-1, memory.mismatch(MemorySegment.ofArray(bytes)));
      storage.write(LARGE + 1000L, memory);
      assertArrayEquals(bytes, bytes(storage, LARGE + 1000L, LARGE));
      assertArrayEquals(new byte[513], bytes(storage, 0, 513));
    }
  }

  /// A part of a segment is written and filled, and nothing beside it.
  @Test
  default void slicesOfMemory() throws IOException {
    byte[] bytes = pattern(1000, 2);
    try (Storage storage = storage(5000)) {
      MemorySegment heap = MemorySegment.ofArray(bytes);
      storage.write(100, heap.asSlice(10, 20).asReadOnly());
      byte[] back = new byte[40];
      storage.read(100, MemorySegment.ofArray(back).asSlice(5, 20));
      assertArrayEquals(Arrays.copyOfRange(bytes, 10, 30), Arrays.copyOfRange(back, 5, 25));
      assertArrayEquals(new byte[5], Arrays.copyOf(back, 5));
      assertArrayEquals(new byte[15], Arrays.copyOfRange(back, 25, 40));
    }
  }

  /// Memory that says it is read-only stays as it is.
  @Test
  default void readOnlyMemoryIsNotReadInto() throws IOException {
    try (Storage storage = storage(100);
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(10).asReadOnly();
      assertThrows(IllegalArgumentException.class, () -> storage.read(0, memory));
    }
  }

  /// Nothing is nothing, anywhere.
  @Test
  default void nothing() throws IOException {
    try (Storage storage = storage(1000)) {
      storage.write(500, MemorySegment.ofArray(new byte[0]));
      storage.read(500, MemorySegment.ofArray(new byte[0]));
      storage.zero(500, 0);
      storage.punch(500, 0);
      storage.allocate(500, 0);
      assertEquals(1000, storage.size());
    }
  }

  /// What is behind the end is an error that says where the end is.
  @Test
  default void readingBehindTheEnd() throws IOException {
    try (Storage storage = storage(1000)) {
      for (long position : new long[] {991, 1000, 5000, Long.MAX_VALUE - 5, -1, Long.MIN_VALUE}) {
        var target = MemorySegment.ofArray(new byte[10]);
        var error = assertThrows(EOFException.class, () -> storage.read(position, target));
        assertTrue(error.getMessage().startsWith(storage.name() + ": "), error.getMessage());
        assertTrue(error.getMessage().contains("1000"), error.getMessage());
      }
    }
  }

  /// Positions that cannot be are refused before anything happens.
  @Test
  default void impossiblePositions() throws IOException {
    try (Storage storage = storage(1000)) {
      var one = MemorySegment.ofArray(new byte[1]);
      Class<IndexOutOfBoundsException> refused = IndexOutOfBoundsException.class;
      assertThrows(refused, () -> storage.write(-1, one));
      assertThrows(refused, () -> storage.write(Long.MAX_VALUE, one));
      assertThrows(refused, () -> storage.zero(-1, 1));
      assertThrows(refused, () -> storage.punch(Long.MAX_VALUE, 1));
      assertThrows(refused, () -> storage.allocate(Long.MAX_VALUE, 1));
      assertThrows(refused, () -> storage.run(900, 101));
      assertEquals(1000, storage.size());
    }
  }

  /// Writing behind the end makes a storage larger, with zeros between.
  @Test
  default void writingBehindTheEndGrows() throws IOException {
    Assumptions.assumeTrue(resizable(), "keeps its size");
    try (Storage storage = storage(10)) {
      write(storage, 100_000, new byte[] {1, 2, 3});
      assertEquals(100_003, storage.size());
      assertArrayEquals(new byte[100_000], bytes(storage, 0, 100_000));
      assertArrayEquals(new byte[] {1, 2, 3}, bytes(storage, 100_000, 3));
    }
  }

  /// What was cut off does not come back.
  @Test
  default void resizing() throws IOException {
    Assumptions.assumeTrue(resizable(), "keeps its size");
    try (Storage storage = storage(0)) {
      write(storage, 0, pattern(200_000, 3));
      storage.resize(100_001);
      assertEquals(100_001, storage.size());
      storage.resize(300_000);
      assertEquals(300_000, storage.size());
      assertArrayEquals(new byte[199_999], bytes(storage, 100_001, 199_999));
      assertArrayEquals(Arrays.copyOf(pattern(200_000, 3), 100_001), bytes(storage, 0, 100_001));
      storage.resize(0);
      assertEquals(0, storage.size());
      assertThrows(IndexOutOfBoundsException.class, () -> storage.resize(-1));
    }
  }

  /// A storage that keeps its size says so.
  @Test
  default void fixedSize() throws IOException {
    Assumptions.assumeFalse(resizable(), "can be resized");
    try (Storage storage = storage(1000)) {
      assertThrows(IOException.class, () -> storage.resize(999));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> storage.write(999, MemorySegment.ofArray(new byte[2])));
    }
  }

  /// Zeroing and punching clear the range and nothing else, and do not change the size.
  @Test
  default void clearing() throws IOException {
    int size = 300_001;
    int[][] ranges = {{0, 1}, {511, 2}, {4096, 4096}, {5000, 200_000}, {299_000, 1001}};
    for (int[] range : ranges) {
      for (boolean punch : new boolean[] {false, true}) {
        try (Storage storage = storage(size)) {
          byte[] expected = pattern(size, 4);
          write(storage, 0, expected);
          if (punch) {
            storage.punch(range[0], range[1]);
          } else {
            storage.zero(range[0], range[1]);
          }
          Arrays.fill(expected, range[0], range[0] + range[1], (byte) 0);
          assertArrayEquals(expected, bytes(storage, 0, size), Arrays.toString(range));
          assertEquals(size, storage.size());
        }
      }
    }
  }

  /// What a range has above the end is left out.
  @Test
  default void clearingBehindTheEnd() throws IOException {
    Assumptions.assumeTrue(resizable(), "keeps its size");
    try (Storage storage = storage(0)) {
      write(storage, 0, pattern(10_000, 5));
      storage.zero(9_000, 5_000);
      storage.punch(8_000, 1 << 20);
      storage.zero(20_000, 5);
      assertEquals(10_000, storage.size());
      assertArrayEquals(new byte[2_000], bytes(storage, 8_000, 2_000));
    }
  }

  /// Room is made behind the end too; bytes stay.
  @Test
  default void allocating() throws IOException {
    Assumptions.assumeTrue(resizable(), "keeps its size");
    try (Storage storage = storage(0)) {
      byte[] bytes = pattern(5000, 6);
      write(storage, 1000, bytes);
      storage.allocate(0, 3000);
      assertEquals(6000, storage.size());
      storage.allocate(4000, 100_000);
      assertEquals(104_000, storage.size());
      assertArrayEquals(bytes, bytes(storage, 1000, 5000));
      assertArrayEquals(new byte[98_000], bytes(storage, 6000, 98_000));
    }
  }

  /// Runs follow each other without gaps, and what is called a hole is zero.
  @Test
  default void runsCoverTheStorage() throws IOException {
    int size = 4 << 20;
    try (Storage storage = storage(size)) {
      write(storage, 1 << 20, pattern(100_000, 7));
      write(storage, (3 << 20) + 5, pattern(10, 8));
      long at = 0;
      while (at < size) {
        Storage.Run run = storage.run(at, size - at);
        assertTrue(run.length() > 0 && run.length() <= size - at, run.toString());
        if (run.kind() == Storage.Run.Kind.HOLE) {
          int length = (int) run.length();
          assertArrayEquals(new byte[length], bytes(storage, at, length));
        }
        at += run.length();
      }
      assertEquals(1, storage.run(1 << 20, 1).length());
    }
  }

  /// An offered copy is a true one, whatever part of it is done.
  @Test
  default void copying() throws IOException {
    byte[] bytes = pattern(LARGE, 9);
    try (Storage from = storage(LARGE);
        Storage to = storage(LARGE)) {
      write(from, 0, bytes);
      long copied = from.copyTo(1000, to, 3000, 500_000);
      assertTrue(copied >= 0 && copied <= 500_000);
      int done = (int) copied;
      assertArrayEquals(Arrays.copyOfRange(bytes, 1000, 1000 + done), bytes(to, 3000, done));
      assertArrayEquals(new byte[3000], bytes(to, 0, 3000));
      assertArrayEquals(new byte[1000], bytes(to, 3000 + done, 1000));
    }
  }

  /// It can be told apart from another, and takes no more room than it has.
  @Test
  default void identityAndRoom() throws IOException {
    try (Storage one = storage(100_000);
        Storage other = storage(100_000)) {
      write(one, 0, pattern(100_000, 10));
      one.flush();
      assertEquals(one.identity(), one.identity());
      assertNotEquals(one.identity(), other.identity());
      assertTrue(one.allocated() <= 100_000 + (256 << 10), () -> "takes too much");
    }
  }

  /// Closing again is nothing.
  @Test
  default void closingTwice() throws IOException {
    Storage storage = storage(1000);
    storage.close();
    storage.close();
    assertFalse(storage.name().isEmpty());
  }

  /// Many threads do not see each other's bytes.
  @Test
  default void manyThreads() throws Exception {
    int threads = 8;
    int share = 1 << 18;
    try (Storage storage = storage((long) threads * share);
        var executor = Executors.newFixedThreadPool(threads)) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        long start = (long) thread * share;
        tasks.add(() -> scribble(storage, start, share));
      }
      for (var future : executor.invokeAll(tasks)) {
        future.get();
      }
    }
  }

  private static Void scribble(Storage storage, long start, int share) throws IOException {
    var dice = new Random(start);
    byte[] expected = new byte[share];
    for (int i = 0; i < 60; i++) {
      int from = dice.nextInt(share);
      int length = dice.nextInt(share - from) + 1;
      if (i % 3 == 0) {
        storage.punch(start + from, length);
        Arrays.fill(expected, from, from + length, (byte) 0);
      } else {
        byte[] bytes = pattern(length, i);
        write(storage, start + from, bytes);
        System.arraycopy(bytes, 0, expected, from, length);
      }
      assertArrayEquals(expected, bytes(storage, start, share));
    }
    return null;
  }

  /// An interrupted thread goes on, and so do the others; it stays interrupted.
  @Test
  default void interrupts() throws IOException {
    try (Storage storage = storage(100_000)) {
      Thread.currentThread().interrupt();
      write(storage, 0, pattern(100_000, 11));
      storage.flush();
      assertArrayEquals(pattern(100_000, 11), bytes(storage, 0, 100_000));
      assertTrue(Thread.interrupted());
      assertArrayEquals(pattern(100_000, 11), bytes(storage, 0, 100_000));
    }
  }
}
