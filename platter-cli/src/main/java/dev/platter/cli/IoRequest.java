package dev.platter.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A line of a script, taken apart.
///
/// @param verb what to do
/// @param options letters and their values, empty for those without one
/// @param operands what is not an option
record IoRequest(IoVerb verb, Map<Character, String> options, List<String> operands) {
  /// What a request can have at most, as in QEMU.
  static final long MOST = Integer.MAX_VALUE / 512L * 512;

  /// A line that makes no sense: it is told, and the script goes on.
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final boolean onError;

    private Refused(String message, boolean onError) {
      super(message);
      this.onError = onError;
    }

    /// Told on standard output, as QEMU does it for values.
    static Refused value(String message) {
      return new Refused(message, false);
    }

    /// Told on standard error.
    static Refused line(String message) {
      return new Refused(message, true);
    }

    /// Whether it is told on standard error.
    boolean onError() {
      return onError;
    }
  }

  /// Takes words apart.
  static IoRequest of(List<String> words) throws Refused {
    String word = words.getFirst();
    IoVerb verb =
        IoVerb.of(word)
            .orElseThrow(() ->
                Refused.line(
                    "command \""
                        + word
                        + "\" not found"
                        + Nearest.suggestion(word, IoVerb.allWords())));
    Map<Character, String> options = new LinkedHashMap<>();
    List<String> operands = new ArrayList<>();
    boolean optionsEnd = !verb.hasOptions();
    for (int at = 1; at < words.size(); at++) {
      String argument = words.get(at);
      if (!optionsEnd && argument.equals("--")) {
        optionsEnd = true;
      } else if (!optionsEnd && argument.length() > 1 && argument.startsWith("-")) {
        at += letters(verb, argument, at + 1 < words.size() ? words.get(at + 1) : "", options);
      } else {
        operands.add(argument);
      }
    }
    Optional<String> wrong = verb.wrongCount(operands.size());
    if (wrong.isPresent()) {
      throw Refused.line(wrong.get());
    }
    return new IoRequest(verb, options, operands);
  }

  /// Takes a word of options; returns how many words were their values.
  private static int letters(IoVerb verb, String word, String next, Map<Character, String> options)
      throws Refused {
    for (int at = 1; at < word.length(); at++) {
      char letter = word.charAt(at);
      if (verb.hasFlag(letter)) {
        options.put(letter, "");
      } else if (!verb.hasValue(letter)) {
        throw Refused.line(verb.word() + ": invalid option -- '" + letter + "'\n" + verb.usage());
      } else if (at + 1 < word.length()) {
        options.put(letter, word.substring(at + 1));
        return 0;
      } else if (next.isEmpty()) {
        throw Refused.line(
            verb.word() + ": option requires an argument -- '" + letter + "'\n" + verb.usage());
      } else {
        options.put(letter, next);
        return 1;
      }
    }
    return 0;
  }

  /// Whether an option was given.
  boolean has(char letter) {
    return options.containsKey(letter);
  }

  /// An operand that is a number of bytes.
  long size(int operand) throws Refused {
    return size(operands.get(operand));
  }

  /// A number of bytes.
  static long size(String text) throws Refused {
    try {
      return dev.platter.image.Sizes.parse(text);
    } catch (IllegalArgumentException _) {
      throw Refused.value(
          "Parsing error: non-numeric argument, or extraneous/unrecognized suffix -- " + text);
    }
  }

  /// The sum of the lengths that follow the offset.
  long lengths() throws Refused {
    long sum = 0;
    for (int operand = 1; operand < operands.size(); operand++) {
      long length = size(operand);
      if (length > MOST || sum + length > MOST) {
        throw Refused.value(
            "Argument '" + operands.get(operand) + "' exceeds maximum size " + MOST);
      }
      sum += length;
    }
    return sum;
  }

  /// The byte of `-P`, or another.
  byte pattern(int fallback) throws Refused {
    if (!has('P')) {
      return (byte) fallback;
    }
    String text = options.get('P');
    try {
      int value = Integer.decode(text);
      if (value >= 0 && value <= 255) {
        return (byte) value;
      }
    } catch (NumberFormatException _) {
      // told below
    }
    throw Refused.value(text + " is not a valid pattern byte");
  }
}
