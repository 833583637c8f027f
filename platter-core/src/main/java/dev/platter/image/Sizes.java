package dev.platter.image;

import java.math.BigDecimal;
import java.util.Locale;

/// Sizes as people write them: `512`, `64k`, `1.5G`. Suffixes are powers of 1024.
public final class Sizes {
  private static final String SUFFIXES = "bkmgtpe";

  private Sizes() {}

  /// Parses a size in bytes.
  ///
  /// @throws IllegalArgumentException if it is not one, or is 2^63 or more
  public static long parse(String text) {
    String number = text.strip().toLowerCase(Locale.ROOT);
    int shift = 0;
    int suffix = number.isEmpty() ? -1 : SUFFIXES.indexOf(number.charAt(number.length() - 1));
    boolean hex = number.startsWith("0x");
    if (suffix >= 0 && !hex) {
      number = number.substring(0, number.length() - 1);
      shift = 10 * suffix;
    }
    try {
      if (hex) {
        return Long.parseLong(number, 2, number.length(), 16);
      }
      if (!number.matches("\\d{1,19}(\\.\\d{1,30})?") || (number.contains(".") && shift == 0)) {
        throw new NumberFormatException(text);
      }
      BigDecimal bytes = new BigDecimal(number).multiply(BigDecimal.valueOf(1L << shift));
      return bytes.toBigInteger().longValueExact();
    } catch (NumberFormatException | ArithmeticException _) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not a size: expected a number below 8E with an optional suffix"
              + " k, M, G, T, P or E");
    }
  }

  /// A size for people, as `qemu-img` prints it: three significant digits and a binary unit.
  public static String format(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    while (value >= 1000 && unit < SUFFIXES.length()) {
      value /= 1024;
      unit++;
    }
    return significant(value) + " " + "KMGTPE".charAt(unit) + "iB";
  }

  /// Three significant digits of a number below 1000, with no zeros at the end of a fraction. By
  /// hand, as `BigDecimal` alone would take some 10 ms of a short run.
  private static String significant(double value) {
    long scale = value >= 100 ? 1 : value >= 10 ? 10 : value >= 1 ? 100 : 1000;
    // the even one of two that are equally near, as C does
    long rounded = (long) Math.rint(value * scale);
    var digits = new StringBuilder().append(rounded / scale);
    String point = ".";
    for (long rest = rounded % scale; rest != 0; rest %= scale) {
      scale /= 10;
      digits.append(point).append(rest / scale);
      point = "";
    }
    return digits.toString();
  }
}
