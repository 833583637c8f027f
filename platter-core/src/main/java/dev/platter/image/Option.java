package dev.platter.image;

import java.util.List;

/// An option of a format for new images, as in `-o name=value`.
///
/// @param fallback the value where none is given; empty if there is none
/// @param choices the values of a [Kind#CHOICE]
/// @param documentation one clause for `-o help`
public record Option(
    String name, Kind kind, String fallback, List<String> choices, String documentation) {

  /// What a value looks like.
  public enum Kind {
    /// `on` or `off`, also `true`, `yes`, `false`, `no`.
    SWITCH,
    /// Bytes, as in `64K`.
    SIZE,
    /// A whole number.
    NUMBER,
    /// Any text.
    TEXT,
    /// One of the choices.
    CHOICE
  }

  /// An option that is on or off.
  public static Option onOff(String name, boolean fallback, String documentation) {
    return new Option(name, Kind.SWITCH, fallback ? "on" : "off", List.of(), documentation);
  }

  /// An option in bytes.
  public static Option size(String name, String fallback, String documentation) {
    return new Option(name, Kind.SIZE, fallback, List.of(), documentation);
  }

  /// A whole number.
  public static Option number(String name, String fallback, String documentation) {
    return new Option(name, Kind.NUMBER, fallback, List.of(), documentation);
  }

  /// Any text.
  public static Option text(String name, String documentation) {
    return new Option(name, Kind.TEXT, "", List.of(), documentation);
  }

  /// One of several values, the first of which is the default.
  public static Option choice(String name, List<String> choices, String documentation) {
    return new Option(name, Kind.CHOICE, choices.getFirst(), choices, documentation);
  }
}
