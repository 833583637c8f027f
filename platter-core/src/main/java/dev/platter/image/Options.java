package dev.platter.image;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Values of a format's options, checked against what the format declares.
public final class Options {
  private final Map<String, Option> declared;
  private final Map<String, String> given;

  private Options(Map<String, Option> declared, Map<String, String> given) {
    this.declared = declared;
    this.given = given;
  }

  /// Checks names and values of options for new images.
  ///
  /// @throws IllegalArgumentException if a name is not declared or a value does not fit
  public static Options of(ImageFormat format, Map<String, String> given) {
    return of("format " + format.name() + " has no option", format.options(), given);
  }

  /// Checks names and values of options of [ImageFormat#open].
  ///
  /// @throws IllegalArgumentException if a name is not declared or a value does not fit
  public static Options opening(ImageFormat format, Map<String, String> given) {
    return of("format " + format.name() + " is opened with no option", format.openOptions(), given);
  }

  /// No options.
  public static Options none() {
    return new Options(Map.of(), Map.of());
  }

  private static Options of(String complaint, List<Option> known, Map<String, String> given) {
    Map<String, Option> declared = new LinkedHashMap<>();
    known.forEach(option -> declared.put(option.name(), option));
    for (String name : given.keySet()) {
      if (!declared.containsKey(name)) {
        throw new IllegalArgumentException(
            complaint + " '" + name + "', only " + declared.keySet());
      }
    }
    Options options = new Options(declared, Map.copyOf(given));
    given.keySet().forEach(options::check);
    return options;
  }

  private void check(String name) {
    switch (declared.get(name).kind()) {
      case SWITCH -> on(name);
      case SIZE -> size(name);
      case NUMBER -> number(name);
      case CHOICE -> {
        List<String> choices = declared.get(name).choices();
        if (!choices.contains(given.get(name))) {
          throw bad(name, choices.stream().collect(Collectors.joining(", ", "one of ", "")));
        }
      }
      case TEXT -> {}
    }
  }

  private IllegalArgumentException bad(String name, String expected) {
    return new IllegalArgumentException(
        "option " + name + "=" + given.get(name) + ": expected " + expected);
  }

  /// Whether the user gave a value.
  public boolean has(String name) {
    return given.containsKey(name);
  }

  /// The value given or the declared default.
  public String text(String name) {
    Option option = declared.get(name);
    if (option == null) {
      throw new IllegalStateException("option " + name + " is not declared");
    }
    return given.getOrDefault(name, option.fallback());
  }

  /// The value, if it was given.
  public Optional<String> given(String name) {
    return Optional.ofNullable(given.get(name));
  }

  /// A [Option.Kind#SWITCH].
  public boolean on(String name) {
    return switch (text(name)) {
      case "on", "true", "yes" -> true;
      case "off", "false", "no", "" -> false;
      default -> throw bad(name, "on or off");
    };
  }

  /// A [Option.Kind#SIZE], in bytes.
  public long size(String name) {
    try {
      return Sizes.parse(text(name));
    } catch (IllegalArgumentException _) {
      throw bad(name, "a size such as 64K");
    }
  }

  /// A [Option.Kind#NUMBER].
  public int number(String name) {
    try {
      return Integer.parseInt(text(name));
    } catch (NumberFormatException _) {
      throw bad(name, "a whole number");
    }
  }
}
