package dev.platter.image;

/// Something that a check found.
///
/// @param severity what it means
/// @param what one sentence: the structure, its position, its value, what is wrong with it
/// @param guest what a reader of the disk would notice, or what a repair would do; may be empty
public record Finding(Severity severity, String what, String guest) {

  /// How bad it is.
  public enum Severity {
    /// Room that nothing refers to: harmless but wasted.
    LEAK,
    /// Two structures disagree: guest data is or will be wrong.
    CORRUPTION,
    /// The check itself could not look.
    ERROR
  }

  /// Wasted room.
  public static Finding leak(String what) {
    return new Finding(Severity.LEAK, what, "");
  }

  /// Damage.
  public static Finding corruption(String what, String guest) {
    return new Finding(Severity.CORRUPTION, what, guest);
  }
}
