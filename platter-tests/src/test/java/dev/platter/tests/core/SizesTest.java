package dev.platter.tests.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.platter.image.Sizes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512",
    "1b, 1",
    "64k, 65536",
    "64K, 65536",
    "1.5G, 1610612736",
    "0x200, 512",
    "0.5k, 512",
    "7E, 8070450532247928832",
    "1.1k, 1126"
  })
  void sizesAsPeopleWriteThem(String text, long bytes) {
    assertEquals(bytes, Sizes.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "k", "-1", "1.5", "8E", "7.99E999", "1e3", "12x", "0x", "1 2", "1.k"})
  void whatIsNoSizeIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Sizes.parse(text));
  }

  /// The texts are those of `qemu-img info` for disks of these sizes.
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "512, 512 B",
    "1024, 1 KiB",
    "1000, 0.977 KiB",
    "196616, 192 KiB",
    "4194816, 4 MiB",
    "1610612736, 1.5 GiB",
    "10479616, 9.99 MiB",
    "2281701376, 2.12 GiB",
    "2147483647, 2 GiB",
    "1072693248, 0.999 GiB",
    "1073217536, 1 GiB",
    "1127428915, 1.05 GiB",
    "1073741824000, 0.977 TiB"
  })
  void sizesAsPeopleReadThem(long bytes, String text) {
    assertEquals(text, Sizes.format(bytes));
  }

  @Test
  void theLargestSizeIsReadable() {
    assertEquals("8 EiB", Sizes.format(Long.MAX_VALUE));
  }
}
