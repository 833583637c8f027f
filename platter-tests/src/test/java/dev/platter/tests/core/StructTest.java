package dev.platter.tests.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.platter.io.MemoryStorage;
import dev.platter.struct.Bytes;
import dev.platter.struct.Fields;
import dev.platter.struct.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StructTest {

  private record Sample(int kind, int version, long count, long size, Bytes name) {
    private static final Sample BLANK = new Sample(0, 0, 0, 0, Bytes.zeros(3));
    private static final Struct<Sample> BIG = Struct.bigEndian("sample", BLANK, Sample::fields);
    private static final Struct<Sample> LITTLE =
        Struct.littleEndian("sample", BLANK, Sample::fields);

    private static Sample fields(Fields f, Sample s) {
      return new Sample(
          f.u8("kind", s.kind),
          f.u16("version", s.version),
          f.u32("count", s.count),
          f.u64("size", s.size),
          f.bytes("name", 3, s.name));
    }
  }

  private static final Sample SAMPLE =
      new Sample(0xfe, 0xff02, 0xfffffff3L, -5, Bytes.text("ab", 3));

  @Test
  void encodesInTheOrderOfTheFields() {
    byte[] big = {
      (byte) 0xfe,
      (byte) 0xff,
      2,
      -1,
      -1,
      -1,
      (byte) 0xf3,
      -1,
      -1,
      -1,
      -1,
      -1,
      -1,
      -1,
      -5,
      'a',
      'b',
      0
    };
    assertArrayEquals(big, Sample.BIG.encode(SAMPLE));
    assertEquals(SAMPLE, Sample.BIG.decode(big, 0));
    byte[] little = Sample.LITTLE.encode(SAMPLE);
    assertEquals((byte) 0xf3, little[3]);
    assertEquals(SAMPLE, Sample.LITTLE.decode(little, 0));
  }

  @Test
  void knowsWhereFieldsAre() {
    assertEquals(18, Sample.BIG.size());
    assertEquals(7, Sample.BIG.offset("size"));
    assertEquals("| 0 | 1 | kind |", Sample.BIG.byteTable().lines().findFirst().orElseThrow());
    assertThrows(IllegalArgumentException.class, () -> Sample.BIG.offset("colour"));
  }

  @Test
  void whatLiesBehindTheEndOfAStorageIsZeros() throws IOException {
    var storage = MemoryStorage.of("s", new byte[] {9, 9, 7});
    assertEquals(new Sample(7, 0, 0, 0, Bytes.zeros(3)), Sample.BIG.read(storage, 2));
    assertEquals(Sample.BLANK, Sample.BIG.read(storage, 99));
  }

  @Test
  void textThatDoesNotFitIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Bytes.text("äb", 2));
    assertEquals("ab", Bytes.text("ab", 9).text(StandardCharsets.UTF_8));
  }

  @Test
  void uuidsAreStoredAsMicrosoftDoes() {
    var uuid = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    Bytes bytes = Bytes.mixedEndian(uuid);
    assertEquals("33221100554477668899aabbccddeeff", bytes.toString());
    assertEquals(uuid, bytes.mixedEndian());
  }
}
