package dev.platter.cli;

import dev.platter.format.BuiltInFormats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The help as a whole, and of a verb.
final class Help {
  private static final int COLUMN = 12;

  private Help() {}

  /// Prints the version.
  static ExitCode version(Console console) throws IOException {
    String version = Main.class.getPackage().getImplementationVersion();
    console.line("platter " + (version == null ? "(development)" : version));
    return ExitCode.OK;
  }

  /// Prints the help of the verb that is named, or the list of verbs.
  static ExitCode show(String[] words, Console console) throws IOException {
    if (words.length > 0) {
      Verb verb = Main.verb(words[0]);
      Syntax syntax = new Syntax(verb);
      verb.command().describe(syntax);
      console.print(syntax.help());
      return ExitCode.OK;
    }
    StringBuilder text = new StringBuilder(2000);
    text.append("Usage: platter VERB [OPTION]... [FILE]...\n\n");
    text.append("Works on virtual disks: ").append(formats()).append(".\n\nVerbs:\n");
    for (Verb verb : Verb.values()) {
      row(text, verb.word(), verb.summary());
    }
    text.append(
        "\n'platter help VERB' tells what a verb takes. Verbs, options, output and codes are\n");
    text.append("those of qemu-img and qemu-io, where these have them.\n");
    text.append(
        """

        Sizes are bytes, or numbers with a suffix: 512, 64k, 1.5G (powers of 1024).
        A file that an image names (a parent, a data file) is opened only if it is in the
        image's folder; --allow FOLDER and --allow-any-reference open more.

        Exit codes:
        """);
    for (ExitCode code : ExitCode.values()) {
      row(text, Integer.toString(code.number()), code.meaning());
    }
    text.append("\nPLATTER_DEBUG=1 prints where in the program a failure came from.\n");
    console.print(text.toString());
    return ExitCode.OK;
  }

  private static String formats() {
    List<String> names = new ArrayList<>();
    BuiltInFormats.all().forEach(format -> names.add(format.name()));
    return String.join(", ", names);
  }

  private static void row(StringBuilder text, String word, String meaning) {
    text.append("  ").append(word).repeat(' ', COLUMN - word.length()).append(meaning).append('\n');
  }
}
