package dev.platter.tests.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.platter.format.codec.Compressor;
import dev.platter.format.codec.Decompressor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecompressorTest {
  private static final int UNIT = 65_536;

  private static byte[] unit() {
    byte[] unit = new byte[UNIT];
    var dice = new Random(3);
    for (int at = 0; at < UNIT; at++) {
      unit[at] = (byte) (dice.nextInt(4) == 0 ? dice.nextInt() : at >> 8);
    }
    return unit;
  }

  private static byte[] deflated(byte[] bytes, int level) {
    var deflater = new Deflater(level, true);
    deflater.setInput(bytes);
    deflater.finish();
    byte[] out = new byte[2 * bytes.length + 64];
    int length = deflater.deflate(out);
    deflater.end();
    return Arrays.copyOf(out, length);
  }

  private static boolean decompress(byte[] stored, byte[] unit) {
    try (Decompressor decompressor = Decompressor.deflate()) {
      return decompressor.decompress(MemorySegment.ofArray(stored), MemorySegment.ofArray(unit));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 9})
  void whatJavaDeflatesIsInflatedWithRubbishBehindIt(int level) {
    byte[] stored = deflated(unit(), level);
    byte[] out = new byte[UNIT];
    assertTrue(decompress(Arrays.copyOf(stored, stored.length + 700), out));
    assertArrayEquals(unit(), out);
  }

  @Test
  void nativeMemoryIsUsedAsItIs() {
    try (Arena arena = Arena.ofConfined();
        Decompressor decompressor = Decompressor.deflate();
        Compressor compressor = Compressor.deflate(0)) {
      MemorySegment unit = arena.allocate(UNIT).copyFrom(MemorySegment.ofArray(unit()));
      MemorySegment stored = arena.allocate(UNIT);
      MemorySegment out = arena.allocate(UNIT);
      int length = compressor.compress(unit, stored);
      assertTrue(length > 0 && length < UNIT);
      for (int again = 0; again < 3; again++) {
        out.fill((byte) 9);
        assertTrue(decompressor.decompress(stored.asSlice(0, length), out));
        assertEquals(-1, unit.mismatch(out));
      }
    }
  }

  @Test
  void aStreamThatGoesOnBehindTheUnitIsTaken() {
    byte[] out = new byte[UNIT - 1];
    assertTrue(decompress(deflated(unit(), 6), out));
    assertArrayEquals(Arrays.copyOf(unit(), UNIT - 1), out);
  }

  @Test
  void whatIsTooShortOrNotDeflateIsRefused() {
    byte[] stored = deflated(unit(), 6);
    assertFalse(decompress(stored, new byte[UNIT + 1]));
    assertFalse(decompress(Arrays.copyOf(stored, stored.length / 2), new byte[UNIT]));
    byte[] rubbish = new byte[1000];
    Arrays.fill(rubbish, (byte) 0xff);
    assertFalse(decompress(rubbish, new byte[UNIT]));
    assertFalse(decompress(new byte[0], new byte[UNIT]));
  }
}
