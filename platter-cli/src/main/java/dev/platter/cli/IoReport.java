package dev.platter.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// How a script's requests are reported, in the words of `qemu-io`.
final class IoReport {
  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private IoReport() {}

  /// A number of bytes with three decimals where it has any.
  static String size(long bytes) {
    return amount((double) bytes);
  }

  private static String amount(double bytes) {
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    String digits = decimals(value, unit == 0 ? 6 : 3);
    int zeros = digits.indexOf(".000");
    return (zeros < 0 ? digits : digits.substring(0, zeros)) + " " + UNITS[unit];
  }

  private static String decimals(double value, int count) {
    return new BigDecimal(value).setScale(count, RoundingMode.HALF_EVEN).toPlainString();
  }

  /// Two lines on a request that is done.
  ///
  /// @param done the word for it, such as `read`
  static String lines(String done, long offset, long bytes, long nanos) {
    double seconds = Math.max(1, nanos) / 1e9;
    return done
        + " "
        + bytes
        + "/"
        + bytes
        + " bytes at offset "
        + offset
        + "\n"
        + size(bytes)
        + ", 1 ops; "
        + time(nanos, false)
        + " ("
        + amount(bytes / seconds)
        + "/sec and "
        + decimals(1 / seconds, 4)
        + " ops/sec)\n";
  }

  /// The same for programs.
  static String fields(long bytes, long nanos) {
    double seconds = Math.max(1, nanos) / 1e9;
    return bytes
        + ",1,"
        + time(nanos, true)
        + ","
        + decimals(bytes / seconds, 3)
        + ","
        + decimals(1 / seconds, 3)
        + "\n";
  }

  private static String time(long nanos, boolean full) {
    long hundredths = nanos / 10_000_000;
    long seconds = hundredths / 100;
    String rest = two(seconds % 60) + "." + two(hundredths % 100);
    if (full || seconds >= 60) {
      return seconds / 3600 + ":" + two(seconds / 60 % 60) + ":" + rest;
    }
    return rest + " sec";
  }

  private static String two(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }

  /// A line of a dump: position, bytes, and what they are as ASCII.
  static void hex(long position, byte[] bytes, StringBuilder text) {
    String digits = Long.toHexString(position);
    text.repeat('0', Math.max(0, 8 - digits.length())).append(digits).append(":  ");
    for (byte value : bytes) {
      text.append(Character.forDigit(value >> 4 & 0xf, 16));
      text.append(Character.forDigit(value & 0xf, 16)).append(' ');
    }
    text.append(' ');
    for (byte value : bytes) {
      text.append(value >= ' ' && value < 0x7f ? (char) value : '.');
    }
    text.append('\n');
  }
}
