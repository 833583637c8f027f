package dev.platter.cli;

import dev.platter.operation.Progress;
import java.util.Optional;

/// How the images of a chain are worked on.
///
/// @param threads how many threads work
/// @param progress who hears how far it is
/// @param bar what shows it
record Work(int threads, Progress progress, ProgressBar bar) {

  /// The options for it.
  static void describe(Syntax syntax) {
    syntax
        .value("N", "How many threads copy; one a core if not given.", "-m", "--parallel")
        .value("RATE", "At most so many bytes a second.", "-r", "--rate-limit")
        .flag("Print nothing but errors.", "-q", "--quiet");
    ProgressBar.describe(syntax);
  }

  /// As the options say. From now on the run is stopped only where that does no harm.
  static Work of(Arguments arguments, Console console) {
    console.interruption().protect();
    ProgressBar bar = ProgressBar.of(arguments, console, false);
    Optional<Long> rate = arguments.size("-r");
    if (rate.isPresent() && rate.get() == 0) {
      throw new UsageException("-r 0: expected a number of bytes a second above 0");
    }
    int threads = arguments.number("-m", 1, 256).orElse(Runtime.getRuntime().availableProcessors());
    return new Work(threads, rate.isPresent() ? bar.limited(rate.get()) : bar, bar);
  }
}
