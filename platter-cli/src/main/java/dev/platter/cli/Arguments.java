package dev.platter.cli;

import dev.platter.image.Sizes;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/// What the user gave to a verb.
final class Arguments {
  private final Optional<ParseResult> result;

  Arguments(ParseResult result) {
    this.result = Optional.of(result);
  }

  private Arguments() {
    this.result = Optional.empty();
  }

  /// Nothing but the wish for help.
  static Arguments forHelp() {
    return new Arguments();
  }

  /// Whether an option was given.
  boolean has(String option) {
    return result.map(r -> r.hasMatchedOption(option)).orElse(option.equals("--help"));
  }

  /// The value of an option.
  Optional<String> text(String option) {
    return result.map(r -> r.matchedOptionValue(option, (String) null));
  }

  /// All values of an option that can be given several times.
  List<String> all(String option) {
    return result.map(r -> r.matchedOptionValue(option, List.<String>of())).orElse(List.of());
  }

  /// The value of an option that is a size in bytes.
  Optional<Long> size(String option) {
    return text(option).map(Arguments::parseSize);
  }

  /// Parses a size.
  static long parseSize(String text) {
    try {
      return Sizes.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  /// The value of an option that is a whole number in a range.
  Optional<Integer> number(String option, int from, int to) {
    return text(option)
        .map(text -> {
          try {
            int number = Integer.parseInt(text);
            if (number >= from && number <= to) {
              return number;
            }
          } catch (NumberFormatException _) {
            // told below
          }
          throw new UsageException(
              option + " " + text + ": expected a whole number from " + from + " to " + to);
        });
  }

  /// What is not an option.
  List<String> files() {
    return result.map(r -> r.matchedPositionalValue(0, List.<String>of())).orElse(List.of());
  }

  /// The only file.
  String file() {
    List<String> files = files();
    if (files.size() != 1) {
      throw new UsageException(
          files.isEmpty() ? "no file was named" : "one file is expected, not " + files.size());
    }
    return files.getFirst();
  }

  /// Whether JSON is asked for (`--output=json`).
  boolean json() {
    String form = text("--output").orElse("human");
    return switch (form) {
      case "json" -> true;
      case "human" -> false;
      default -> throw new UsageException("--output " + form + ": expected 'human' or 'json'");
    };
  }
}
