package dev.platter.format.dmg;

import java.util.zip.CRC32;

/// A CRC-32 of what is put together from parts, some of which are only known by their own sums: a
/// sum is a polynomial over GF(2), and bytes behind it multiply it by a power of x.
final class Crc {
  /// Of the CRC-32 of zlib and Ethernet, the lowest power in the highest bit.
  private static final int POLYNOMIAL = 0xedb8_8320;

  /// The polynomial 1.
  private static final int ONE = 0x8000_0000;

  private static final int BYTE = 8;

  private long sum;

  /// The sum so far.
  long sum() {
    return sum;
  }

  /// Adds bytes.
  void add(byte[] bytes, int from, int length) {
    var part = new CRC32();
    part.update(bytes, from, length);
    add(part.getValue(), length);
  }

  /// Adds bytes that are known by their sum.
  void add(long part, long length) {
    sum = combine(sum, part, length);
  }

  /// Adds zeros.
  void addZeros(long length) {
    sum = ~multiply(power(length), ~(int) sum) & 0xffff_ffffL;
  }

  /// The sum of what is two parts, one behind the other.
  ///
  /// @param length bytes of the second part
  private static long combine(long first, long second, long length) {
    return (multiply(power(length), (int) first) ^ (int) second) & 0xffff_ffffL;
  }

  /// x to the power of so many bytes' bits.
  private static int power(long bytes) {
    int result = ONE;
    int square = ONE >>> BYTE;
    for (long rest = bytes; rest != 0; rest >>>= 1) {
      if ((rest & 1) != 0) {
        result = multiply(result, square);
      }
      square = multiply(square, square);
    }
    return result;
  }

  private static int multiply(int a, int b) {
    int product = 0;
    int factor = b;
    for (int bit = ONE; bit != 0; bit >>>= 1) {
      if ((a & bit) != 0) {
        product ^= factor;
      }
      factor = (factor & 1) != 0 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
    }
    return product;
  }
}
