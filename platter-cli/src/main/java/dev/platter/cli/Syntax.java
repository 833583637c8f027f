package dev.platter.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// What a verb takes: options and files, described once for parsing and for help.
final class Syntax {
  private static final int WIDTH = 90;
  private final CommandSpec spec;
  private final List<String> names = new ArrayList<>();
  private String synopsis;
  private int leastFiles;
  private int mostFiles;
  private boolean signed;

  Syntax(Verb verb) {
    synopsis = "platter " + verb.word() + " [OPTION]...";
    spec = CommandSpec.create().name("platter " + verb.word());
    spec.usageMessage()
        .description(
            Character.toUpperCase(verb.summary().charAt(0)) + verb.summary().substring(1) + ".")
        .width(WIDTH)
        .optionListHeading("%nOptions:%n")
        .parameterListHeading("%n")
        .sortOptions(false);
    spec.parser()
        .expandAtFiles(false)
        .overwrittenOptionsAllowed(true)
        .toggleBooleanFlags(false)
        .trimQuotes(false);
    flag("Show this help.", "-h", "--help");
  }

  /// An option without a value.
  Syntax flag(String description, String... spellings) {
    return add(
        OptionSpec.builder(spellings).type(boolean.class).arity("0"), description, spellings);
  }

  /// An option with a value; of several, the last one counts.
  Syntax value(String label, String description, String... spellings) {
    return add(
        OptionSpec.builder(spellings).type(String.class).arity("1").paramLabel(label),
        description,
        spellings);
  }

  /// An option with a value that may be given several times.
  Syntax values(String label, String description, String... spellings) {
    return add(
        OptionSpec.builder(spellings)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .arity("1")
            .paramLabel(label),
        description,
        spellings);
  }

  private Syntax add(OptionSpec.Builder option, String description, String... spellings) {
    names.addAll(List.of(spellings));
    spec.addOption(option.description(escaped(description)).build());
    return this;
  }

  /// What is not an option.
  ///
  /// @param least how many there must be
  /// @param most how many there may be
  Syntax files(String label, int least, int most, String description) {
    leastFiles = least;
    mostFiles = most;
    synopsis = synopsis + " " + label;
    spec.addPositional(
        PositionalParamSpec.builder()
            .type(List.class)
            .auxiliaryTypes(String.class)
            .arity("0..*")
            .paramLabel(label)
            .hideParamSyntax(true)
            .description(escaped(description))
            .build());
    return this;
  }

  /// What is not an option may be a number with a minus sign.
  Syntax signedNumbers() {
    signed = true;
    return this;
  }

  /// A paragraph behind the options.
  Syntax notes(String... lines) {
    String[] all = new String[lines.length + 1];
    all[0] = "";
    for (int line = 0; line < lines.length; line++) {
      all[line + 1] = escaped(lines[line]);
    }
    spec.usageMessage().footer(all);
    return this;
  }

  /// A percent sign means something to the parser's formatter.
  private static String escaped(String text) {
    return text.replace("%", "%%");
  }

  /// The help of the verb.
  String help() {
    spec.usageMessage().customSynopsis(synopsis);
    return new CommandLine(spec).getUsageMessage(Ansi.OFF);
  }

  /// Takes the arguments apart.
  ///
  /// @throws UsageException if they do not fit
  Arguments parse(String[] args) {
    String[] words = args.clone();
    for (int at = 0; at < words.length && !words[at].equals("--"); at++) {
      // the long form of -p takes its value only behind an equals sign
      words[at] = words[at].equals("--progress") ? "-p" : words[at];
      if (signed && words[at].matches("-[0-9].*")) {
        // what starts with a space is no option
        words[at] = " " + words[at];
      }
    }
    try {
      CommandLine line = new CommandLine(spec);
      return wantsHelp(words) ? Arguments.forHelp() : checked(new Arguments(line.parseArgs(words)));
    } catch (UnmatchedArgumentException e) {
      throw new UsageException(unmatched(e.getUnmatched().getFirst()), e);
    } catch (ParameterException e) {
      throw new UsageException(e.getMessage() + tail(), e);
    }
  }

  private Arguments checked(Arguments arguments) {
    List<String> files = arguments.files();
    if (files.size() < leastFiles) {
      throw new UsageException(
          (files.isEmpty() ? "no FILE was named" : "one FILE more is needed") + tail());
    }
    if (files.size() > mostFiles) {
      throw new UsageException("'" + files.get(mostFiles) + "' is one argument too many" + tail());
    }
    return arguments;
  }

  private static boolean wantsHelp(String[] words) {
    for (String word : words) {
      if (word.equals("--help") || word.equals("-h")) {
        return true;
      }
      if (word.equals("--")) {
        return false;
      }
    }
    return false;
  }

  private String unmatched(String word) {
    if (!word.startsWith("-")) {
      return "'" + word + "' is not expected" + tail();
    }
    int equals = word.indexOf('=');
    String option = equals < 0 ? word : word.substring(0, equals);
    String nearest = option.startsWith("--") ? Nearest.suggestion(option, names) : "";
    return "there is no option '" + option + "'" + nearest + tail();
  }

  private String tail() {
    String verb = spec.name().substring(spec.name().indexOf(' ') + 1);
    return " ('platter help " + verb + "' lists what there is)";
  }
}
