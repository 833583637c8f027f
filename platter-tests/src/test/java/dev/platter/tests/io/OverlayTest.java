package dev.platter.tests.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.platter.io.MemoryStorage;
import dev.platter.io.Overlay;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Changes in memory.
class OverlayTest {
  private static final int SIZE = 3 * Overlay.SECTOR;

  private static byte[] read(Overlay overlay, int length) throws IOException {
    byte[] bytes = new byte[length];
    overlay.read(0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Test
  void changesHideTheStorageAndEachOther() throws IOException {
    var dice = new SplittableRandom(5);
    for (int round = 0; round < 50; round++) {
      byte[] expected = new byte[SIZE];
      dice.nextBytes(expected);
      var storage = new MemoryStorage("x");
      storage.write(0, MemorySegment.ofArray(expected.clone()));
      var overlay = new Overlay(storage, 0);
      for (int change = 0; change < 30; change++) {
        int at = dice.nextInt(SIZE - 1);
        byte[] bytes = new byte[1 + dice.nextInt(Math.min(SIZE - at, 3000))];
        switch (dice.nextInt(3)) {
          case 0 -> overlay.clear(at, bytes.length);
          case 1 -> {
            dice.nextBytes(bytes);
            overlay.put(at, bytes);
          }
          default -> {
            dice.nextBytes(bytes);
            overlay.write(at, MemorySegment.ofArray(bytes));
          }
        }
        System.arraycopy(bytes, 0, expected, at, bytes.length);
        assertArrayEquals(expected, read(overlay, SIZE));
      }
    }
  }

  @Test
  void writtenSectorsAreTakenOutInOrder() throws IOException {
    var storage = new MemoryStorage("x");
    storage.resize(SIZE);
    var overlay = new Overlay(storage, 0);
    overlay.write(2 * Overlay.SECTOR + 7, MemorySegment.ofArray(new byte[] {1, 2}));
    overlay.write(Overlay.SECTOR - 1, MemorySegment.ofArray(new byte[] {3, 4}));
    var drained = overlay.drain(position -> position == 0);
    assertEquals(
        List.of((long) Overlay.SECTOR, 2L * Overlay.SECTOR, 0L), List.copyOf(drained.keySet()));
    assertEquals(3, drained.get(0L)[Overlay.SECTOR - 1]);
    assertEquals(4, drained.get((long) Overlay.SECTOR)[0]);
    assertArrayEquals(new byte[SIZE], read(overlay, SIZE));
  }

  @Test
  void itMaySeemLongerThanTheStorage() throws IOException {
    var storage = new MemoryStorage("x");
    storage.write(0, MemorySegment.ofArray(new byte[] {1, 2, 3}));
    var overlay = new Overlay(storage, 10);
    overlay.put(8, new byte[] {9});
    assertArrayEquals(Arrays.copyOf(new byte[] {1, 2, 3, 0, 0, 0, 0, 0, 9}, 10), read(overlay, 10));
    assertThrows(EOFException.class, () -> read(overlay, 11));
    assertThrows(IOException.class, () -> overlay.resize(3));
    assertEquals(3, storage.size());
  }
}
