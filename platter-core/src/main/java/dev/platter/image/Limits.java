package dev.platter.image;

/// What opening and reading an image may take. Every error that comes from here names the field.
///
/// @param tableCache bytes of tables that one image keeps in memory
/// @param tables bytes that all tables of an image may have on disk
/// @param text bytes of a descriptor or another text
/// @param chainDepth images in a chain
/// @param files files of one image
/// @param snapshots internal snapshots, and bitmaps
public record Limits(
    long tableCache, long tables, int text, int chainDepth, int files, int snapshots) {

  /// Room for every honest image.
  public static Limits standard() {
    return new Limits(32L << 20, 1L << 30, 1 << 20, 64, 8192, 65_536);
  }

  /// Refuses what is over a limit before it is allocated.
  ///
  /// @param field what has the value, with its unit
  /// @throws ImageException.LimitExceeded if `value` is over `limit`
  public static void check(String storage, String field, long value, long limit)
      throws ImageException.LimitExceeded {
    if (value > limit || value < 0) {
      throw new ImageException.LimitExceeded(
          storage, field + " " + Long.toUnsignedString(value) + " is over the limit of " + limit);
    }
  }
}
